"""Floor 3: the screens. The only place that imports Textual; knows nothing of the command line.

Text from the wire reaches a screen as `printable` text inside `Text` objects or segments, never as markup.
"""
