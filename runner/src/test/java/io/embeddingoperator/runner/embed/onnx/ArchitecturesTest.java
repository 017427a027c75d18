package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.api.v1alpha1.Model;
import io.embeddingoperator.api.v1alpha1.ModelSource;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.VolumeModel;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.EmbeddingException;
import io.embeddingoperator.runner.embed.TokenizedText;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.embed.onnx.model.ModelLocator;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A small model of each architecture, about which the manifest says nothing but where it lies. */
class ArchitecturesTest {
    private static final Path FOLDER = ReferenceVector.FOLDER.resolve("architectures");
    private static final String EXPECTED = "expected.ndjson";
    private static final String REFUSED = "refused.txt";

    static List<String> served() throws IOException {
        return foldersWith(EXPECTED);
    }

    static List<String> refused() throws IOException {
        return foldersWith(REFUSED);
    }

    @ParameterizedTest
    @MethodSource("served")
    void givesTheVectorsThatSentenceTransformersGives(String name) throws EmbeddingException, InterruptedException {
        List<ReferenceVector> references = ReferenceVector.read("architectures/" + name + "/" + EXPECTED);
        assertThat(references).hasSizeGreaterThan(10);
        try (Embedder embedder = open(name)) {
            TokenizedText longest = embedder.tokenizer().tokenize("a longer text pads the other one ".repeat(40));
            for (ReferenceVector reference : references) {
                String what = name + ": " + reference.text();
                boolean query = reference.json().get("query").asBoolean();

                float[] vector = query
                        ? embedder.embedQuery(reference.text())
                        : embedder.embed(List.of(longest, document(embedder, reference, what)))[1];

                assertThat(vector).as(what).hasSameSizeAs(reference.vector());
                assertThat(ReferenceVector.cosine(vector, reference.vector()))
                        .as(what)
                        .isGreaterThanOrEqualTo(0.99999);
                assertThat(UnitLength.squared(vector) / UnitLength.squared(reference.vector()))
                        .as(what)
                        .isBetween(0.9999, 1.0001);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatIsNoEmbeddingIsNotTakenForOne(String name) throws IOException {
        String named = Files.readString(FOLDER.resolve(name).resolve(REFUSED)).strip();

        assertThatThrownBy(() -> open(name).close())
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining(named);
    }

    private static TokenizedText document(Embedder embedder, ReferenceVector reference, String what) {
        TokenizedText text = embedder.tokenizer().tokenize(reference.text());
        assertThat(text.ids()).as(what).isEqualTo(reference.ids());
        assertThat(text.truncated()).as(what).isEqualTo(reference.truncated());
        return text;
    }

    private static Embedder open(String name) {
        ModelSource source = new ModelSource(null, null, new VolumeModel("models", name, null), null, null);
        OnnxEmbedder spec =
                new OnnxEmbedder(source, null, null, null, null, null, null, null, null, null, Device.CPU, null);
        ModelFiles files = ModelLocator.of(Map.of())
                .locate(new Model.Folder(FOLDER.resolve(name).toString()));
        return TestingModels.open(spec, files);
    }

    private static List<String> foldersWith(String file) throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            List<String> names = folders.filter(each -> Files.exists(each.resolve(file)))
                    .map(each -> each.getFileName().toString())
                    .sorted()
                    .toList();
            assertThat(names).isNotEmpty();
            return names;
        }
    }
}
