"""What tests of hookrouter, or of a plug-in, are made of."""
