package io.embeddingoperator.runner.embed.onnx.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedFolderTest {
    @TempDir
    private Path folder;

    @Test
    void aFileIsFoundByItsPathAndNothingOutsideOfTheFolderIs() throws IOException {
        // given
        Path model = Files.createDirectories(folder.resolve("model"));
        Path pooling = Files.createDirectory(model.resolve("1_Pooling")).resolve("config.json");
        Files.writeString(pooling, "{}");
        Files.writeString(folder.resolve("secret.json"), "{}");

        // when, then
        PublishedFolder published = new PublishedFolder(model);
        assertThat(published.find("1_Pooling/config.json")).contains(pooling);
        assertThat(published.find("2_Dense/config.json")).isEmpty();
        assertThat(published.find("1_Pooling")).isEmpty();
        assertThat(published.find("../secret.json")).isEmpty();
        assertThat(published.find("1_Pooling\0/config.json")).isEmpty();
        assertThat(published.find(folder.resolve("secret.json").toString())).isEmpty();
    }
}
