"""Images of bots: a durable queue in PostgreSQL (tables images and image_deletions), worked off in
the background to Cloudflare Images when CLOUDFLARE_* is set, else to files under DATA_DIR/images.

    outcomes.py    how a try may end
    fetch.py       an image from an address that somebody else chose
    cloudflare.py  files.py    the two stores
    queue.py       the statements
    uploader.py    the worker, and the thread that runs it
"""
