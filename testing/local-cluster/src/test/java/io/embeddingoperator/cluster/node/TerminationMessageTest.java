package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TerminationMessageTest {
    @TempDir
    Path folder;

    private Path file;
    private Path log;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("message"), "");
        log = Files.writeString(folder.resolve("log"), "first line\nlast line\n");
    }

    @Test
    void theFileIsTheMessage() throws IOException {
        Files.writeString(file, "all done");

        assertThat(TerminationMessage.of(file, log, "FallbackToLogsOnError", true))
                .isEqualTo("all done");
    }

    @Test
    void theEndOfALongFileCounts() throws IOException {
        Files.writeString(file, "x".repeat(5000) + "end");

        assertThat(TerminationMessage.of(file, log, "File", false))
                .hasSize(4096)
                .endsWith("xend");
    }

    @Test
    void theLogStandsInForAnEmptyFileOnlyAfterAnErrorAndOnlyWhenAskedFor() {
        assertThat(TerminationMessage.of(file, log, "FallbackToLogsOnError", true))
                .isEqualTo("first line\nlast line\n");
        assertThat(TerminationMessage.of(file, log, "FallbackToLogsOnError", false))
                .isEmpty();
        assertThat(TerminationMessage.of(file, log, "File", true)).isEmpty();
    }

    @Test
    void ofALongLogTheLast80LinesCount() throws IOException {
        Files.writeString(log, "line\n".repeat(200) + "last\n");

        assertThat(TerminationMessage.of(file, log, "FallbackToLogsOnError", true)
                        .lines())
                .hasSize(80)
                .last()
                .isEqualTo("last");
    }
}
