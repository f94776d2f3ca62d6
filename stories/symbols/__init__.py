"""Real names for frames: source maps, native symbols, minidumps.

keys of what a crash wants   crashes/wanted.py
uploads.py     what is being sent: chunks, whole files that wait
taking_in.py   an upload into artifacts: bundles, symbol files, scripts with their maps (own process)
bundles.py     a bundle's ZIP, read within bounds
artifacts.py   what is stored: pieces, keys, releases, the quota
maps.py        positions through a source map
sources.py     which uploads name a frame of a script
opened.py      maps and symbols that are open
native.py      symcaches and unwinding rules of native files
walking.py     the stack of a minidump
mapping.py     frames to named frames, and why not
regrouped.py   a stored crash, grouped anew by its names
holding.py     crashes that wait, and stored ones that are mapped anew (own process)
waiting.py     starting that process
dumps.py       minidumps until they are walked
"""
