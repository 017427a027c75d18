package io.embeddingoperator.runner.sink.window;

import io.embeddingoperator.api.v1alpha1.EmptyPolicy;
import io.embeddingoperator.runner.document.Key;
import io.embeddingoperator.runner.sink.copy.StorableDocument;
import io.embeddingoperator.runner.sink.run.Run;
import io.embeddingoperator.runner.sink.state.ReadFiles;
import io.embeddingoperator.runner.source.FilePart;
import io.embeddingoperator.runner.source.SourceWindow;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Notes which files a window has read, for the next run, which leaves them alone unless they changed. */
record WindowFiles(Run run, int shard, EmptyPolicy empty) {
    void note(Connection connection, SourceWindow window) throws SQLException {
        if (!window.files().isEmpty()) {
            ReadFiles.note(
                    connection,
                    run.id(),
                    shard,
                    window.files().stream().map(this::part).toList());
        }
    }

    /** A failure that comes later, with the vectors, is found by the document's key. */
    private ReadFiles.Part part(FilePart part) {
        List<Key> storable = part.keys().stream()
                .filter(key -> StorableDocument.refusal(key).isEmpty())
                .toList();
        int failed = part.failed() + part.keys().size() - storable.size();
        boolean flawless = failed == 0 && (part.empty() == 0 || empty == EmptyPolicy.Delete);
        return new ReadFiles.Part(
                part.file().path(),
                part.file().size(),
                part.file().version(),
                part.bytes(),
                storable.stream().map(Key::toString).toList(),
                part.empty(),
                flawless);
    }
}
