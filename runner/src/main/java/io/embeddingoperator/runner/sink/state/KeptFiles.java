package io.embeddingoperator.runner.sink.state;

import java.util.stream.LongStream;

/** Files that a run leaves alone, with the documents that they have. */
public final class KeptFiles {
    private final LongStream.Builder rows = LongStream.builder();
    private long files;
    private long documents;

    /**
     * Adds a file.
     *
     * @param itsRows in embedding_operator.read_files
     */
    public void add(Long[] itsRows, long itsDocuments) {
        for (long row : itsRows) {
            rows.add(row);
        }
        files++;
        documents += itsDocuments;
    }

    /** How many there are. */
    public long files() {
        return files;
    }

    public long documents() {
        return documents;
    }

    /** The rows of all of them; to be asked for once, when they are complete. */
    long[] rows() {
        return rows.build().toArray();
    }
}
