package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One JSON object a line, plain or compressed. JSON has no column types: keys are text, and so is metadata to which the manifest
 * gives no other type.
 */
final class NdjsonFormat implements FileFormat {
    /** JSON may write a character of two bytes as an escape of six. */
    static final int MAX_LINE_BYTES = 3 * Limits.MAX_DOCUMENT_BYTES;

    /** A store answers for each; what else is wrongly named is told by its lines. */
    private static final int MOST_LOOKED_INTO = 10_000;

    private final AtomicInteger lookedInto = new AtomicInteger();
    private final FileStore store;
    private final DocumentFields fields;

    NdjsonFormat(FileStore store, DocumentFields fields) {
        this.store = store;
        this.fields = fields;
    }

    @Override
    public String keyName() {
        return fields.key();
    }

    @Override
    public KeyType keyType() {
        return KeyType.TEXT;
    }

    @Override
    public List<MetadataColumn> metadata() {
        return fields.declaredColumns();
    }

    @Override
    public List<SplitCandidate> divide(StoredFile file) {
        boolean plain = Compression.of(file.path()).isEmpty();
        if (plain && lookedInto.getAndIncrement() < MOST_LOOKED_INTO) {
            FirstBytes.of(store, file).refuseOtherThanLines(file.path());
        }
        PartitionFolders.of(file.path(), fields);
        return List.of(new SplitCandidate(Piece.whole(file), plain));
    }

    @Override
    public int dividedAtOnce() {
        return 32;
    }

    @Override
    public boolean readsFromStart() {
        return true;
    }

    @Override
    public long start(Piece piece) {
        return piece.from();
    }

    @Override
    public PieceReader open(Piece piece, long offset) throws IOException {
        JsonRecords records = new JsonRecords(fields, PartitionFolders.of(piece.path(), fields));
        Optional<Compression> compression = Compression.of(piece.path());
        return compression.isPresent()
                ? new CompressedNdjsonReader(
                        store.open(piece.file(), 0, piece.size()), compression.get(), piece, offset, records)
                : plain(piece, offset, records);
    }

    /** Starts one byte early: only the byte before it tells whether a record starts at an offset or goes on there. */
    private PieceReader plain(Piece piece, long offset, JsonRecords records) throws IOException {
        long from = Math.max(0, offset - 1);
        InputStream in = store.open(piece.file(), from, piece.size());
        NdjsonReader reader = new NdjsonReader(new LineReader(in, from, MAX_LINE_BYTES), piece, records);
        reader.moveToRecord(offset);
        return reader;
    }
}
