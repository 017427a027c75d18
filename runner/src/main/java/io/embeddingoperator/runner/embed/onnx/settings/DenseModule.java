package io.embeddingoperator.runner.embed.onnx.settings;

import io.embeddingoperator.runner.embed.onnx.model.PublishedFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.file.Path;

/**
 * A dense layer behind the pooling, as sentence-transformers keeps it.
 *
 * @param weights its {@code model.safetensors}
 * @param activation its name in PyTorch
 */
public record DenseModule(Path weights, String activation) {
    private static final String WEIGHTS = "model.safetensors";

    /**
     * Finds the files of a layer.
     *
     * @param folder of the layer inside of the model's
     * @throws SpecificationException when they are not there in a form that the runner reads
     */
    public static DenseModule find(PublishedFiles published, String folder) {
        SettingsFile settings =
                SettingsFile.find(published, folder + "/config.json").orElseThrow(() -> missing(folder, "config.json"));
        Path weights = published.find(folder + "/" + WEIGHTS).orElseThrow(() -> missing(folder, WEIGHTS));
        return new DenseModule(
                weights, settings.text("activation_function").map(Stated::value).orElse("Tanh"));
    }

    private static SpecificationException missing(String folder, String file) {
        return new SpecificationException(
                ("%s of the model has a dense layer, and %s/%s is not there: put it beside the model, or export the model with"
                                + " an output sentence_embedding that holds the layer")
                        .formatted(Modules.FILE, folder, file));
    }
}
