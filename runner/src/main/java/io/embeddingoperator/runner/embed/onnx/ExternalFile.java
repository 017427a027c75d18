package io.embeddingoperator.runner.embed.onnx;

import io.embeddingoperator.api.contract.PrintableText;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A file with weights that a model names beside itself. The model's author chose the name, so nothing is believed of it: without
 * this check a model could have any file of the pod, device or pipe read.
 */
final class ExternalFile {
    /** ONNX Runtime takes such names for addresses in its own memory, which a file must never give. */
    private static final String ADDRESS = "*/";

    private static final int LONGEST_SHOWN = 200;

    private ExternalFile() {}

    /**
     * The file, which is a regular one in the model's folder, or where links are used in the folder that the model itself is
     * kept in.
     *
     * @throws SpecificationException when it is anything else
     */
    static Path find(ModelFiles files, String location) {
        Path model = files.model();
        try {
            Path relative = Path.of(location);
            if (location.startsWith(ADDRESS)
                    || relative.isAbsolute()
                    || relative.normalize().startsWith("..")) {
                throw refused(model, location, "which is not a plain path inside the model's folder");
            }
            Path file = model.resolveSibling(relative);
            // Where the model comes from a server, its weights come now.
            if (files.weights().find(location).isEmpty() || !Files.isRegularFile(file)) {
                throw refused(model, location, "and there is no such file beside the model");
            }
            Path real = file.toRealPath();
            Path folder = model.toAbsolutePath().resolveSibling("").toRealPath();
            // Caches of models keep all files of a model in one folder and link to them.
            if (!real.startsWith(folder)
                    && !real.resolveSibling("").equals(model.toRealPath().resolveSibling(""))) {
                throw refused(model, location, "which is a link that leads out of the model's folder");
            }
            return file;
        } catch (InvalidPathException e) {
            throw refused(model, location, "which is no path");
        } catch (IOException e) {
            throw new SpecificationException(
                    "the weights %s of the model %s cannot be read: let the runner's user read them"
                            .formatted(PrintableText.of(location, LONGEST_SHOWN), model),
                    e);
        }
    }

    private static SpecificationException refused(Path model, String location, String fault) {
        return new SpecificationException(
                "the model file %s names weights in \"%s\", %s: export the model with its weights beside it"
                        .formatted(model, PrintableText.of(location, LONGEST_SHOWN), fault));
    }
}
