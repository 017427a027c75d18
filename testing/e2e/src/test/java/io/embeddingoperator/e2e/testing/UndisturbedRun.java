package io.embeddingoperator.e2e.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What the runner leaves of some documents when nothing happens to it: one process, one shard, no Kubernetes. Another run of
 * the same documents has to leave the same rows after every disruption, to the last bit of every vector.
 */
public final class UndisturbedRun {
    private static final String TABLE = "public.undisturbed";
    private static final Map<Integer, String> ROWS = new HashMap<>();

    private UndisturbedRun() {}

    /** The rows of {@link TestingDatabase#withDocuments} of so many, as one text. */
    public static synchronized String rows(int documents) {
        return ROWS.computeIfAbsent(
                documents, count -> rows(TestingDatabase.create().withDocuments(count)));
    }

    /** The rows of the documents that are in a database now. */
    public static String rows(TestingDatabase database) {
        database.execute("DROP TABLE IF EXISTS " + TABLE);
        String manifest = TestingJob.manifest("undisturbed", "none")
                .replace("public.vectors", TABLE)
                .replace("shards: 4, parallelism: 2", "shards: 1, parallelism: 1");
        try {
            Path file = Files.createTempFile("undisturbed", ".yaml");
            try {
                Files.writeString(file, manifest);
                runner(database).run("run", "-f", file.toString());
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return database.rows(TABLE);
    }

    private static Program runner(TestingDatabase database) {
        return new Program(
                Checkout.file("runner/target/embedding-runner/bin/embedding-runner"),
                Map.of(
                        "JAVA_HOME", System.getProperty("java.home"),
                        "EMBEDDING_SOURCE_URI", database.uri(),
                        "EMBEDDING_SINK_URI", database.uri()));
    }
}
