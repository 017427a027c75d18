package io.embeddingoperator.runner.embed.onnx.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.Model;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignFileTest {
    private static final String EXPORT =
            "export the model to ONNX, by optimum-cli export onnx --model NAME --task feature-extraction FOLDER";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            ``                                                     | an empty file: copy the file
            version https://git-lfs.github.com/spec/v1\\noid sha256:0 | a pointer of Git LFS to the file, and not the file itself: fetch the file by git lfs pull
            \\n<!DOCTYPE html><html>                                | a web page: take the address of the file itself
            <html lang="en">                                       | a web page: take the address of the file itself
            GGUF\\3\\0                                               | a GGUF file, as llama.cpp reads: export the model to ONNX
            \\11\\0\\0\\0\\0\\0\\0\\0{"a": {}}                              | a file of weights in safetensors, without the model's graph: export the model to ONNX
            \\200\\2}q                                               | a pickle of PyTorch, without the model's graph: export the model to ONNX
            PK\\3\\4\\0\\0archive/data.pkl                             | a pickle of PyTorch, without the model's graph: export the model to ONNX
            PK\\3\\4\\0\\0model.onnx                                   | a zip archive: unpack it first
            \\37\\213\\10                                             | compressed by gzip: unpack it first
            \\211HDF\\r\\n                                            | an HDF5 file, as Keras writes: export the model to ONNX
            <?xml version="1.0"?>                                  | an XML file, as OpenVINO keeps its models: export the model to ONNX
            {"error": "not found"}                                 | a JSON file: copy the file
            """)
    void whatIsNoModelIsNamedForWhatItIs(String head, String sentence) throws IOException {
        Path model = write("model.onnx", head);
        write("tokenizer.json", "{}");

        assertThatThrownBy(this::locate)
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("the model file %s is no ONNX model but %s".formatted(model, sentence));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            version https://git-lfs.github.com/spec/v1\\noid sha256:0 | a pointer of Git LFS to the file, and not the file itself: fetch
            <!doctype html>                                        | a web page: take the address
            \\n\\16\\n\\5<unk>\\25\\0\\0                                    | a model of SentencePiece: copy the tokenizer.json
            [PAD]\\n[unused0]\\n                                     | a vocabulary or a list of merges alone: copy the tokenizer.json
            #version: 0.2\\nh e                                     | a vocabulary or a list of merges alone: copy the tokenizer.json
            PK\\3\\4\\0\\0tokenizer                                    | a zip archive: unpack it first
            """)
    void whatIsNoTokenizerIsNamedForWhatItIs(String head, String sentence) throws IOException {
        write("model.onnx", "\\10\\7\\22\\7pytorch");
        Path tokenizer = write("tokenizer.json", head);

        assertThatThrownBy(this::locate)
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("the tokenizer %s is no tokenizer.json but %s".formatted(tokenizer, sentence));
    }

    @Test
    void aModelIsTakenForNothingElse() throws IOException {
        Path model = write("model.onnx", "\\10\\7\\22\\7pytorch\\32\\0051.9.0");
        Path tokenizer = write("tokenizer.json", " {\\n  \"version\": \"1.0\"}");

        assertThat(ForeignFile.of(model)).isEmpty();
        assertThatCode(() -> ForeignFile.refuseAsTokenizer(tokenizer)).doesNotThrowAnyException();
        assertThatCode(this::locate).doesNotThrowAnyException();
    }

    @Test
    void aFolderWithWeightsOfAnotherKindIsToldHowTheyAreExported() throws IOException {
        write("model.safetensors", "\\11\\0\\0\\0\\0\\0\\0\\0{\"a\": {}}");
        write("config.json", "{}");

        assertThatThrownBy(this::locate)
                .isInstanceOf(SpecificationException.class)
                .hasMessage(
                        "the model folder %s holds no ONNX file, and model.safetensors is a file of weights in safetensors,"
                                        .formatted(folder)
                                + " without the model's graph: " + EXPORT);
    }

    private void locate() {
        new ModelLocator(
                        new BundledModels(Optional.empty()),
                        new ModelCache(
                                folder,
                                new DownloadPolicy(0, Duration.ofMillis(1), Duration.ofMinutes(1)),
                                new Redirects(List.of())),
                        new ModelHub("http://127.0.0.1:1", Optional.empty()))
                .locate(new Model.Folder(folder.toString()));
    }

    /** @param text with the escapes of a Java string, for bytes in octal too */
    private Path write(String name, String text) throws IOException {
        return Files.write(folder.resolve(name), text.translateEscapes().getBytes(StandardCharsets.ISO_8859_1));
    }
}
