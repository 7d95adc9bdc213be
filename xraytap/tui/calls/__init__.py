"""The table of calls: columns, one line's drawing, decoding and scanning in other threads, the widget."""
