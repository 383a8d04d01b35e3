"""The operator API's questions and answers, by which both are read, written and described."""
