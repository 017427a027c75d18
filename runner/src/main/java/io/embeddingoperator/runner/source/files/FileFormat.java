package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.IOException;
import java.util.List;

/** How documents stand in files, and how files come apart. */
interface FileFormat {
    /** The key's field, which is also the name of the sink's key column. */
    String keyName();

    KeyType keyType();

    List<MetadataColumn> metadata();

    /** The parts of a file that different shards may read. */
    List<SplitCandidate> divide(StoredFile file);

    /** How many files may be divided at the same time: a store that is far away answers each after a while. */
    int dividedAtOnce();

    /** Whether what begins with a file's first byte is read from there on. */
    boolean readsFromStart();

    /** The offset of a piece's first record, as far as it is known before reading. */
    long start(Piece piece);

    /** Opens a piece at the offset of a record, or at its start. */
    PieceReader open(Piece piece, long offset) throws IOException;
}
