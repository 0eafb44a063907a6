"""Archives: zip and tar, told by content, each member an object of evidence of its own."""
