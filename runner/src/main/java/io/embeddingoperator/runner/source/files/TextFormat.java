package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import java.util.List;

/** One plain text document a file; its path is the key. */
final class TextFormat implements FileFormat {
    private static final String KEY_NAME = "path";
    private static final DocumentFields FIELDS = new DocumentFields("", KEY_NAME, List.of("content"), List.of());

    private final FileStore store;

    TextFormat(FileStore store) {
        this.store = store;
    }

    @Override
    public String keyName() {
        return KEY_NAME;
    }

    @Override
    public KeyType keyType() {
        return KeyType.TEXT;
    }

    @Override
    public List<MetadataColumn> metadata() {
        return List.of();
    }

    @Override
    public List<Unit> divide(StoredFile file) {
        return List.of(new Unit(Piece.whole(file), false));
    }

    @Override
    public long start(Piece piece) {
        return 0;
    }

    @Override
    public PieceReader open(Piece piece, long offset) {
        return new TextReader(store, piece, offset > 0, new DocumentAssembly(FIELDS));
    }
}
