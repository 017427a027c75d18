package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that were made to do harm: they are refused before ONNX Runtime opens any of their files, or stopped. */
class HostileModelTest {
    private static final long EXTERNAL = 1;
    private static final long INT64 = 7;
    private static final long BOOL = 9;

    /** Where the message ModelProto may hold a tensor, by the field numbers of onnx.proto. */
    private static final Map<String, UnaryOperator<ProtobufMessage>> PLACES = Map.of(
            "initializer", tensor -> within(tensor, 5, 7),
            "sparse initializer's values", tensor -> within(tensor, 1, 15, 7),
            "sparse initializer's indices", tensor -> within(tensor, 2, 15, 7),
            "attribute", tensor -> within(tensor, 5, 5, 1, 7),
            "list of an attribute", tensor -> within(tensor, 10, 5, 1, 7),
            "sparse attribute", tensor -> within(tensor, 1, 22, 5, 1, 7),
            "branch", tensor -> within(tensor, 5, 6, 5, 1, 7),
            "list of branches in a branch", tensor -> within(tensor, 5, 11, 5, 1, 6, 5, 1, 7),
            "function", tensor -> within(tensor, 5, 5, 7, 25),
            "training", tensor -> within(tensor, 5, 1, 20));

    @TempDir
    private Path folder;

    @Test
    void aFileOutsideOfTheFolderIsRefusedWhereverAModelNamesIt() throws IOException {
        for (Map.Entry<String, UnaryOperator<ProtobufMessage>> place : PLACES.entrySet()) {
            Path model = model(place.getValue().apply(external("/etc/hostname")));

            assertThatThrownBy(() -> ModelGraph.read(files(model)))
                    .as(place.getKey())
                    .isInstanceOf(SpecificationException.class)
                    .hasMessage(
                            "the model file %s names weights in \"/etc/hostname\", which is not a plain path inside the"
                                    + " model's folder: export the model with its weights beside it",
                            model);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside",
                "a/../../outside",
                "",
                ".",
                "folder",
                "link",
                "device",
                "missing",
                "*/_ORT_MEM_ADDR_/*",
                "/proc/self/environ",
                "nul\0character"
            })
    void weightsAreARegularFileInTheFolderAndNothingElse(String location) throws IOException {
        Path own = Files.createDirectory(folder.resolve("own"));
        Files.writeString(folder.resolve("outside"), "secret");
        Files.createDirectory(own.resolve("folder"));
        Files.createSymbolicLink(own.resolve("link"), folder.resolve("outside"));
        Files.createSymbolicLink(own.resolve("device"), Path.of("/dev/zero"));
        Files.createDirectories(own.resolve("*/_ORT_MEM_ADDR_"));
        Files.writeString(own.resolve("*/_ORT_MEM_ADDR_/*"), "address");
        Path model = write(own.resolve("model.onnx"), within(external(location), 5, 7));

        assertThatThrownBy(() -> ModelGraph.read(files(model)))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("names weights in \"");
    }

    @Test
    void weightsBesideTheModelAreFoundAlsoBehindTheLinksOfACache() throws IOException {
        Path blobs = Files.createDirectory(folder.resolve("blobs"));
        Path snapshot = Files.createDirectory(folder.resolve("snapshot"));
        Files.writeString(blobs.resolve("weights"), "weights");
        write(blobs.resolve("model"), within(external("model.onnx_data"), 5, 7));
        Files.createSymbolicLink(snapshot.resolve("model.onnx"), Path.of("../blobs/model"));
        Files.createSymbolicLink(snapshot.resolve("model.onnx_data"), Path.of("../blobs/weights"));

        ModelGraph graph = ModelGraph.read(files(snapshot.resolve("model.onnx")));

        assertThat(graph.externalFiles())
                .containsExactly(Map.entry("model.onnx_data", snapshot.resolve("model.onnx_data")));
    }

    @Test
    void aFileThatNothingButTheFingerprintWouldReadIsRefused() throws IOException {
        Path model = model(within(tensor(location("/dev/zero")), 5, 7));

        assertThatThrownBy(() -> ModelGraph.read(files(model)))
                .hasMessageContaining("a tensor names a file although its numbers are in the model");
    }

    @Test
    void aNameIsFoundInWhateverOrderItsEntryIsWritten() throws IOException {
        ProtobufMessage entry = new ProtobufMessage().put(2, "/etc/hostname").put(1, "location");
        Path model = model(within(tensor(entry).put(14, EXTERNAL), 5, 7));

        assertThatThrownBy(() -> ModelGraph.read(files(model)))
                .hasMessageContaining("names weights in \"/etc/hostname\"");
    }

    @Test
    void aFieldNumberThatReadersTakeForDifferentOnesIsRefused() throws IOException {
        Path model = Files.write(
                folder.resolve("model.onnx"), new byte[] {(byte) 0xBA, (byte) 0x80, (byte) 0x80, (byte) 0x80, 0x70, 0});

        assertThatThrownBy(() -> ModelGraph.read(files(model))).hasMessageContaining("no Protobuf message");
    }

    @Test
    void graphsThatAreNestedWithoutEndAreRefused() throws IOException {
        ProtobufMessage graph = new ProtobufMessage();
        for (int i = 0; i < 2_000; i++) {
            graph = within(graph, 6, 5, 1);
        }
        Path model = model(within(graph, 7));

        assertThatThrownBy(() -> ModelGraph.read(files(model)))
                .hasMessageContaining("its graphs are nested deeper than 32");
    }

    @Test
    void namesOfTheAuthorAreShownWithoutCommandsForATerminal() throws IOException {
        Path model = model(within(external("/\u001b[31m\u202e\n" + "x".repeat(5_000)), 5, 7));

        assertThatThrownBy(() -> ModelGraph.read(files(model)))
                .hasMessageContaining("names weights in \"/\\x1B[31m\\u202E xxx")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(1_000));
    }

    @Test
    void aModelThatDoesNotEndIsStopped() throws IOException {
        Path file = model(endless());

        try (LoadedModel model = LoadedModel.load(file, Device.CPU)) {
            assertThatThrownBy(() -> new TextModel(
                            model,
                            TestingModels.spec(Device.CPU),
                            new RowFilling(0, 0),
                            new InferenceLimit(Duration.ofSeconds(1), 0)))
                    .isInstanceOf(InferenceTimeoutException.class)
                    .hasMessageContaining("it did not end within 1 s and was stopped");
        }
    }

    /** A loop whose condition stays true, beside the inputs that an embedding model has. */
    private static ProtobufMessage endless() {
        ProtobufMessage body = new ProtobufMessage()
                .put(1, node("Identity", "more", "goes on"))
                .put(1, node("Identity", "value", "next value"))
                .put(2, "body")
                .put(11, value("iteration", INT64, scalar()))
                .put(11, value("more", BOOL, scalar()))
                .put(11, value("value", INT64, scalar()))
                .put(12, value("goes on", BOOL, scalar()))
                .put(12, value("next value", INT64, scalar()));
        ProtobufMessage loop = new ProtobufMessage()
                .put(1, "")
                .put(1, "true")
                .put(1, "start")
                .put(2, "end")
                .put(4, "Loop")
                .put(5, new ProtobufMessage().put(1, "body").put(6, body).put(20, 5));
        ProtobufMessage batch = new ProtobufMessage()
                .put(1, new ProtobufMessage().put(2, "texts"))
                .put(1, new ProtobufMessage().put(2, "tokens"));
        ProtobufMessage graph = new ProtobufMessage()
                .put(1, loop)
                .put(2, "endless")
                .put(5, new ProtobufMessage().put(2, BOOL).put(5, 1).put(8, "true"))
                .put(5, new ProtobufMessage().put(2, INT64).put(7, 0).put(8, "start"))
                .put(11, value("input_ids", INT64, batch))
                .put(11, value("attention_mask", INT64, batch))
                .put(12, value("end", INT64, scalar()));
        return new ProtobufMessage()
                .put(1, 8)
                .put(7, graph)
                .put(8, new ProtobufMessage().put(1, "").put(2, 17));
    }

    private static ProtobufMessage node(String operator, String input, String output) {
        return new ProtobufMessage().put(1, input).put(2, output).put(4, operator);
    }

    private static ProtobufMessage value(String name, long type, ProtobufMessage shape) {
        ProtobufMessage tensor = new ProtobufMessage().put(1, type).put(2, shape);
        return new ProtobufMessage().put(1, name).put(2, new ProtobufMessage().put(1, tensor));
    }

    private static ProtobufMessage scalar() {
        return new ProtobufMessage();
    }

    private static ProtobufMessage external(String location) {
        return tensor(location(location)).put(14, EXTERNAL);
    }

    private static ProtobufMessage tensor(ProtobufMessage externalData) {
        return new ProtobufMessage().put(1, 4).put(2, 1).put(8, "weight").put(13, externalData);
    }

    private static ProtobufMessage location(String file) {
        return new ProtobufMessage().put(1, "location").put(2, file);
    }

    /** Puts a message into a field of another, that into one of the next, and so on. */
    private static ProtobufMessage within(ProtobufMessage message, int... fields) {
        ProtobufMessage outermost = message;
        for (int field : fields) {
            outermost = new ProtobufMessage().put(field, outermost);
        }
        return outermost;
    }

    private Path model(ProtobufMessage model) throws IOException {
        return write(folder.resolve("model.onnx"), model);
    }

    private static ModelFiles files(Path model) {
        return new ModelFiles("hostile", model, model, _ -> Optional.empty());
    }

    private static Path write(Path file, ProtobufMessage model) throws IOException {
        return Files.write(file, model.toByteArray());
    }
}
