package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.document.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/** Reads a file as its one record. Offset 0 stands before it, 1 behind it. */
final class TextReader implements PieceReader {
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final FileStore store;
    private final Piece piece;
    private final DocumentAssembly assembly;
    private final List<Object> metadata;
    private boolean read;

    TextReader(FileStore store, Piece piece, boolean read, DocumentAssembly assembly, List<Object> metadata) {
        this.store = store;
        this.piece = piece;
        this.read = read;
        this.assembly = assembly;
        this.metadata = metadata;
    }

    @Override
    public Optional<FileRecord> next() throws IOException {
        if (read) {
            return Optional.empty();
        }
        read = true;
        String key = piece.path();
        if (piece.size() > Limits.MAX_DOCUMENT_BYTES) {
            return unreadable(
                    key,
                    "the file has %d bytes and a document may have %d: split it"
                            .formatted(piece.size(), Limits.MAX_DOCUMENT_BYTES));
        }
        byte[] bytes;
        try (InputStream in = store.open(piece.file(), 0, piece.size())) {
            bytes = in.readNBytes(Limits.MAX_DOCUMENT_BYTES);
        }
        String text;
        try {
            text = StrictUtf8.decode(bytes);
        } catch (InvalidUtf8Exception e) {
            return unreadable(key, e.getMessage() + ": write the file as UTF-8");
        }
        if (!text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
            text = text.substring(1);
        }
        if (text.isBlank()) {
            return Optional.of(new FileRecord.Unreadable(
                    FailedDocument.empty(key, key, "there is no text to embed: the file is empty")));
        }
        return Optional.of(assembly.assemble(new Key.Text(key), List.of(text), metadata, piece.path()));
    }

    @Override
    public long offset() {
        return read ? 1 : 0;
    }

    @Override
    public long work() {
        return read ? piece.bytes() : 0;
    }

    @Override
    public void close() {}

    private static Optional<FileRecord> unreadable(String key, String reason) {
        return Optional.of(new FileRecord.Unreadable(new FailedDocument(Optional.of(key), key, reason)));
    }
}
