package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Documents in files on a volume that another program fills. */
class FilesOnAVolumeIT {
    private static final int FILES = 3;
    private static final int DOCUMENTS_A_FILE = 80;

    private static final String CLAIM = """
            apiVersion: v1
            kind: List
            items:
              - apiVersion: v1
                kind: PersistentVolume
                metadata: {name: %1$s}
                spec:
                  storageClassName: by-hand
                  capacity: {storage: 1Gi}
                  accessModes: [ReadOnlyMany]
                  hostPath: {path: %2$s, type: Directory}
                  claimRef: {namespace: %1$s, name: corpus}
              - apiVersion: v1
                kind: PersistentVolumeClaim
                metadata: {name: corpus, namespace: %1$s}
                spec:
                  storageClassName: by-hand
                  volumeName: %1$s
                  accessModes: [ReadOnlyMany]
                  resources: {requests: {storage: 1Gi}}
            """;

    @TempDir
    private Path folder;

    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void areEmbeddedOnceTheirClaimIsThere() throws IOException {
        // given a corpus with a line that is none
        writeCorpus();
        TestingJob job = TestingJob.prepare(cluster, 1);

        // when
        job.apply(manifest ->
                manifest.replaceAll("(?s)source:.*?\n  chunking", """
                source:
                    volume:
                      claimName: corpus
                      path: "export/**/*.ndjson"
                      format: NDJSON
                      keyField: key
                      textFields: [title, body]
                      metadataFields: [language]
                  chunking""") + "  failurePolicy: {maxFailedDocuments: 1}\n");

        // then the claim is missed
        job.await("MissingVolume", seen -> "MissingVolume".equals(seen.word()));
        assertThat(job.sentence())
                .contains("PersistentVolumeClaim corpus does not exist in namespace " + job.namespace())
                .contains("create it, and the pods start by themselves");
        assertThat(job.condition("Stalled").getStatus()).isEqualTo("False");

        // and when it comes
        cluster.client()
                .load(new ByteArrayInputStream(
                        CLAIM.formatted(job.namespace(), folder).getBytes(StandardCharsets.UTF_8)))
                .create();

        // then every line is there once, and the one that is none is told of
        job.awaitComplete();
        assertThat(job.status().documents().embedded()).isEqualTo(FILES * DOCUMENTS_A_FILE);
        assertThat(job.status().documents().failed()).isEqualTo(1);
        assertThat(job.status().documents().percent()).isEqualTo(100);
        assertThat(job.status().failedDocuments())
                .singleElement()
                .satisfies(failed -> assertThat(failed.key()).contains("part-2.ndjson"));
        assertThat(job.eventsByReason())
                .containsEntry("MissingVolume", 1L)
                .containsEntry("DocumentFailed", 1L)
                .containsEntry("Complete", 1L);
        assertThat(job.database().number("SELECT count(*) FROM vectors")).isEqualTo(FILES * DOCUMENTS_A_FILE);
        assertThat(job.database().number("""
                SELECT count(DISTINCT key) FROM vectors
                WHERE content = 'document ' || key || E'\\nthe old house is near the water ' || key
                    AND language = 'en' AND chunk = 0""")).isEqualTo(FILES * DOCUMENTS_A_FILE);
    }

    private void writeCorpus() throws IOException {
        Path export = Files.createDirectories(folder.resolve("export/day"));
        for (int file = 1; file <= FILES; file++) {
            int first = file * 1000;
            String lines = IntStream.range(first, first + DOCUMENTS_A_FILE)
                    .mapToObj("""
                            {"key": "%1$d", "title": "document %1$d", "body": "the old house is near the water %1$d", "language": "en"}
                            """::formatted)
                    .collect(Collectors.joining());
            Files.writeString(
                    export.resolve("part-" + file + ".ndjson"), file == 2 ? lines + "{\"key\": \"torn\n" : lines);
        }
        for (Path readable : new Path[] {folder, folder.resolve("export"), export}) {
            Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }
}
