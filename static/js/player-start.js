// The watch page's first script; player.js finds the playback it has opened in the shared module.
import "./player/session.js";
