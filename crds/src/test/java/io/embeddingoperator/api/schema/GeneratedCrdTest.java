package io.embeddingoperator.api.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class GeneratedCrdTest {
    private static final Path MODULE = Path.of("");

    @Test
    void theCheckedInCrdIsTheOneThatTheRecordsGenerate() throws IOException {
        String checkedIn = Files.readString(GeneratedCrd.FILE);

        String generated = GeneratedCrd.yaml(MODULE);

        assertThat(checkedIn)
                .as(
                        "%s differs from the records: run `%s` and commit the result",
                        GeneratedCrd.FILE, GeneratedCrd.COMMAND)
                .isEqualTo(generated);
    }
}
