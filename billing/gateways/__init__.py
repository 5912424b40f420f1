"""One file per payment gateway, behind a small Protocol. Only billing imports it."""
