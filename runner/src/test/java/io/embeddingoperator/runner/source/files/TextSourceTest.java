package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.source.Source;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextSourceTest {
    @TempDir
    private Path folder;

    private ReadFiles files;

    @BeforeEach
    void openFolder() {
        files = new ReadFiles(folder);
    }

    @Test
    void takesAFileAsADocumentAndItsPathAsTheKey() {
        files.write("docs/b.txt", "\uFEFFzweite\n");
        files.write("docs/sub folder/ä.txt", "erste");

        Source source = files.text("docs/**/*.txt");
        ReadFiles.Contents contents = ReadFiles.all(source);

        assertThat(source.schema().keyName()).isEqualTo("path");
        assertThat(contents.keys()).containsExactly("docs/b.txt", "docs/sub folder/ä.txt");
        assertThat(contents.texts()).containsExactly("zweite\n", "erste");
    }

    @Test
    void namesFilesThatAreNoText() throws IOException {
        files.write("a.txt", "");
        files.write("b.txt", " \n");
        files.write("c.txt", new byte[] {'a', (byte) 0xC3, '!'});
        files.write("d.txt", "ab\u0000");
        files.write("e.txt", "good");
        try (RandomAccessFile large =
                new RandomAccessFile(files.write("f.txt", "").toFile(), "rw")) {
            large.setLength(Limits.MAX_DOCUMENT_BYTES + 1L);
        }

        ReadFiles.Contents contents = ReadFiles.all(files.text("*.txt"));

        assertThat(contents.keys()).containsExactly("e.txt");
        assertThat(contents.failed)
                .isEqualTo(List.of(
                        FailedDocument.empty("a.txt", "a.txt", "there is no text to embed: the file is empty"),
                        FailedDocument.empty("b.txt", "b.txt", "there is no text to embed: the file is empty"),
                        failed("c.txt", "not valid UTF-8 at byte 1: write the file as UTF-8"),
                        failed(
                                "d.txt",
                                "field content has a NUL at character 2, which PostgreSQL cannot store: remove it"),
                        failed("f.txt", "the file has 16777217 bytes and a document may have 16777216: split it")));
    }

    private static FailedDocument failed(String path, String reason) {
        return new FailedDocument(Optional.of(path), path, reason);
    }
}
