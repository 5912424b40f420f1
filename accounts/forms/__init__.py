"""What people fill in about themselves: at the doors, and about their profiles."""
