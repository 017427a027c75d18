package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What ONNX Runtime does not tell about a model file, read from the file itself.
 *
 * @param operators the kinds of node that it has, in all its graphs and functions
 * @param externalFiles where weights lie that are not in the file, by the names that it gives them
 * @param sizes of its weights
 */
record ModelGraph(Set<String> operators, SortedMap<String, Path> externalFiles, WeightSizes sizes) {
    private static final List<String> DYNAMIC_QUANTIZATION =
            List.of("DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM");

    /** @throws SpecificationException when it is no ONNX model, or has weights anywhere but beside it */
    static ModelGraph read(ModelFiles files) {
        Path file = files.model();
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file)) {
            GraphScan scan = GraphScan.of(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            SortedMap<String, Path> externalFiles = new TreeMap<>();
            for (String location : scan.locations()) {
                externalFiles.put(location, ExternalFile.find(files, location));
            }
            return new ModelGraph(scan.operators(), externalFiles, scan.sizes());
        } catch (IllegalArgumentException e) {
            throw unreadable(file, String.valueOf(e.getMessage()), e);
        } catch (IndexOutOfBoundsException e) {
            throw unreadable(file, "it ends in the middle of something", e);
        } catch (IOException e) {
            throw unreadable(file, "it cannot be read", e);
        }
    }

    private static SpecificationException unreadable(Path file, String reason, Exception cause) {
        return new SpecificationException(
                "the model file %s cannot be loaded (%s): check that it is a complete ONNX model"
                        .formatted(file, reason),
                cause);
    }

    /**
     * Whether activations are quantised by the range of a whole batch, so that a text's vector depends on what shares
     * its batch. Ranges that were fixed when the model was quantised do no such thing.
     */
    boolean quantizesByBatch() {
        return operators.stream().anyMatch(DYNAMIC_QUANTIZATION::contains);
    }
}
