"""A test catalogue of any size, invented from the word lists here; the same seed always tells the same stories."""
