#!/usr/bin/env python3
"""Reads one multipart/form-data body with someone else's parser.

    python3 parse_multipart.py CONTENT_TYPE < body

Prints one JSON object a part, in the body's order:

    {"name": ..., "filename": ..., "size": ..., "sha256": ...}

Names are as the parser decodes them; nothing is decoded here. `filename` is
null where the part has none. The parser is PyPI's `multipart` by Marcel
Hellkamp (https://multipart.readthedocs.io/), and nothing else is needed.

Exit codes: 0 the whole body was read; 1 the parser refused it (why is on
stderr; the parts before the fault are printed); 2 wrong usage; 3 that parser
is not installed, so nothing was tested.
"""

import hashlib
import json
import sys

CHUNK = 64 * 1024
REFUSED, USAGE, NO_PARSER = 1, 2, 3


def load_parser():
    try:
        import multipart
    except Exception as err:
        return None, f"cannot import multipart: {err!r}"
    # PyPI's `python-multipart` installs a module of this name too, which even
    # has a MultipartParser. Only the right one has both of these; releases of
    # the right one without the second decode filenames by other rules.
    for needed in ("PushMultipartParser", "content_disposition_unquote"):
        if not hasattr(multipart, needed):
            where = getattr(multipart, "__file__", "?")
            return None, f"{where} has no {needed}: not PyPI's multipart, or too old"
    return multipart, None


def parts(multipart, content_type, stream):
    kind, options = multipart.parse_options_header(content_type)
    if kind != "multipart/form-data":
        raise multipart.MultipartError(f"not multipart/form-data: {content_type!r}")
    if not options.get("boundary"):
        raise multipart.MultipartError(f"no boundary: {content_type!r}")

    segment = digest = None
    # Leaving the `with` raises unless the closing boundary was seen.
    with multipart.PushMultipartParser(options["boundary"]) as parser:
        while chunk := stream.read(CHUNK):
            for event in parser.parse(chunk):
                if event is None:
                    yield {
                        "name": segment.name,
                        "filename": segment.filename,
                        "size": segment.size,
                        "sha256": digest.hexdigest(),
                    }
                elif isinstance(event, multipart.MultipartSegment):
                    segment, digest = event, hashlib.sha256()
                else:
                    digest.update(event)


def main(args):
    if len(args) != 1:
        print("usage: parse_multipart.py CONTENT_TYPE < body", file=sys.stderr)
        return USAGE
    multipart, why = load_parser()
    if multipart is None:
        print(f"skipped: {why}", file=sys.stderr)
        return NO_PARSER
    try:
        for part in parts(multipart, args[0], sys.stdin.buffer):
            print(json.dumps(part), flush=True)
    except multipart.MultipartError as err:
        print(f"refused: {err}", file=sys.stderr)
        return REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
