"""The close look at one call: a pane of tabs, each a list of lines drawn as they are seen."""
