package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.api.v1alpha1.FileMetadata;
import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.source.StoredFile;
import java.util.List;

/** One plain text document a file; its path is the key, and the names of its folders may be metadata. */
final class TextFormat implements FileFormat {
    private static final String KEY_NAME = "path";

    private final FileStore store;
    private final DocumentFields fields;

    TextFormat(FileStore store, String manifestPath, List<FileMetadata> metadata) {
        this.store = store;
        this.fields = new DocumentFields(manifestPath, KEY_NAME, List.of("content"), metadata);
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
        return fields.declaredColumns();
    }

    @Override
    public List<SplitCandidate> divide(StoredFile file) {
        PartitionFolders.of(file.path(), fields);
        return List.of(new SplitCandidate(Piece.whole(file), false));
    }

    @Override
    public int dividedAtOnce() {
        return 1;
    }

    @Override
    public boolean readsFromStart() {
        return true;
    }

    @Override
    public long start(Piece piece) {
        return 0;
    }

    @Override
    public PieceReader open(Piece piece, long offset) {
        return new TextReader(
                store,
                piece,
                offset > 0,
                new DocumentAssembly(fields),
                PartitionFolders.of(piece.path(), fields).inOrder(fields));
    }
}
