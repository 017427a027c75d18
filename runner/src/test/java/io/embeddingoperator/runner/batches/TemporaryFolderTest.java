package io.embeddingoperator.runner.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFolderTest {
    @TempDir
    private Path parent;

    @Test
    void leavesNothingBehind() throws IOException {
        try (TemporaryFolder folder = TemporaryFolder.create(parent)) {
            Files.writeString(folder.file("a.jsonl"), "{}");
        }

        assertThat(parent).isEmptyDirectory();
    }

    @Test
    void removesWhatAKilledProcessLeftAndNothingElse() throws IOException {
        // given a folder whose lock is free, as a killed process leaves it, and one in use
        Path abandoned = Files.createDirectory(parent.resolve("embedding-runner-batches-1"));
        Files.createFile(abandoned.resolve("in-use"));
        Files.writeString(abandoned.resolve("a.jsonl"), "{}");
        Path foreign = Files.createDirectory(parent.resolve("something-else"));

        try (TemporaryFolder used = TemporaryFolder.create(parent)) {
            Files.writeString(used.file("b.jsonl"), "{}");

            // when
            try (TemporaryFolder _ = TemporaryFolder.create(parent)) {
                // then
                assertThat(abandoned).doesNotExist();
                assertThat(used.file("b.jsonl")).exists();
                assertThat(foreign).exists();
            }
        }
    }

    @Test
    void saysWhereThereIsNoRoom() {
        assertThatThrownBy(() -> TemporaryFolder.create(parent.resolve("missing")))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining(parent.resolve("missing").toString())
                .hasMessageContaining("-Djava.io.tmpdir");
    }
}
