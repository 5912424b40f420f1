"""Everything that writes engagement's tables."""
