package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerLogTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("0.log"), "one\ntwo\nthree\n");
    }

    @Test
    void isReadFromItsBeginning() throws Exception {
        assertThat(text("")).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void isReadFromItsEnd() throws Exception {
        assertThat(text("tailLines=0")).isEmpty();
        assertThat(text("tailLines=1")).isEqualTo("three\n");
        assertThat(text("tailLines=2")).isEqualTo("two\nthree\n");
        assertThat(text("tailLines=9")).isEqualTo("one\ntwo\nthree\n");
    }

    @Test
    void countsALineThatHasNotEnded() throws Exception {
        Files.writeString(file, "four", StandardOpenOption.APPEND);

        assertThat(text("tailLines=1")).isEqualTo("four");
        assertThat(text("tailLines=2")).isEqualTo("three\nfour");
    }

    @Test
    void isCutAfterSoManyBytes() throws Exception {
        assertThat(text("limitBytes=5")).isEqualTo("one\nt");
    }

    @Test
    void isFollowedUntilTheContainerHasEndedAndReadToItsLastWord() throws Exception {
        String[] words = {"four\n", "five\n"};
        int[] said = {0};

        String text = text("follow=true&tailLines=1", () -> {
            if (said[0] < words.length) {
                append(words[said[0]]);
            }
            return said[0]++ < words.length - 1;
        });

        assertThat(text).isEqualTo("three\nfour\nfive\n");
    }

    @Test
    void hasTheStartsOfItsContainerInTheirOrder() throws IOException {
        for (String name : new String[] {"10.log", "9.log"}) {
            Files.createFile(folder.resolve(name));
        }

        assertThat(ContainerLog.files(folder))
                .extracting(log -> log.getFileName().toString())
                .containsExactly("0.log", "9.log", "10.log");
        assertThat(ContainerLog.files(folder.resolve("none"))).isEmpty();
    }

    private String text(String query) throws Exception {
        return text(query, () -> false);
    }

    private String text(String query, BooleanSupplier grows) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new ContainerLog(file, LogRequest.of("runner", query), grows).writeTo(out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private void append(String text) {
        try {
            Files.writeString(file, text, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
