"""Vision-language training on the shards: loader, losses, fine-tuning.

What the loader reads of a sample, each field by the part of its name behind the key:

* `json`: `schema_version`, `key`, `caption`; per entry of `minimal`: `variant`, `kind`,
  `subkind`, `caption`, `factual`, and the truth flags `pair_text`, `pair_image`,
  `image_is_negative`, `contradicts_caption`, `visible`; per entry of `full`: `variant`,
  `caption`; of `images`: variant → `file`; `split`. Where a sample is older than the flags and
  the split, :mod:`pipeline.core.truth` derives them, by the rule that the writer uses.
* the files that `images` names, as far as they are asked for.

Nothing else is looked at: not `txt`, nor any field that a later version adds. Which tars: those
that `shards.txt` lists (a name a line, relative to the list), else all in the folder.

The loader needs numpy, pillow, fsspec, and torch for batches. It reads the tars itself, with
:mod:`tarfile` over fsspec, instead of through webdataset: a stream that knows what it has given
can resume exactly, a truncated tar is an error with its name, and no version of webdataset
matters. (Brace patterns are expanded by `braceexpand`, which webdataset brings along.)
"""
