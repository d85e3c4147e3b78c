"""What is public of ``cx.archive``: the one list that completion, type checkers and tests share."""

from coinex_pandas.archive.runs.capture import capture as capture
from coinex_pandas.archive.reader.archive import Archive as Archive
from coinex_pandas.archive.reader.archive import open_archive as open
from coinex_pandas.archive.raw.proof import verify as verify
from coinex_pandas.archive.tables.build import rebuild as rebuild
from coinex_pandas.archive.streams.recording import Recording as Recording, record as record
from coinex_pandas.archive.ledger.statement import Statement as Statement, statement as statement
from coinex_pandas.archive.ledger.exports.export import export as export
