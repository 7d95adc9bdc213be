"""The screens beside the table of calls: lists of what the calls mean together, and the captures of the store.

Each is a small module that says which trackers it needs, which columns it has, and which filter leads from an
entry to its calls. Reading and counting go on in a thread; a screen shows how far it is and can stop it.
"""
