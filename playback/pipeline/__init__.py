"""How a file becomes a stream: one module per tool. Works on files and plans; rows are the business of playback.actions."""
