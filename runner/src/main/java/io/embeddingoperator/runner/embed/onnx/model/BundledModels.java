package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The models that are built into the runner: one folder each. */
final class BundledModels {
    private static final String FIELD = "spec.embedder.onnx.model.bundled";

    private final Optional<Path> folder;

    /** @param folder that holds a folder a model; empty where the runner was started without its models */
    BundledModels(Optional<Path> folder) {
        this.folder = folder;
    }

    ModelFiles find(String name) {
        Path models = folder.orElseThrow(() -> new SpecificationException(
                ("%s is %s, and this runner was started without its bundled models: start it by its "
                                + "launcher, or use volume")
                        .formatted(FIELD, name)));
        String names = names(models);
        if (!names.lines().toList().contains(name)) {
            throw new SpecificationException(
                    "%s is %s, which is not bundled: use one of %s".formatted(FIELD, name, names.replace("\n", ", ")));
        }
        return ModelFolder.find(name, models.resolve(name), Optional.empty());
    }

    private static String names(Path models) {
        try (Stream<Path> folders = Files.list(models)) {
            return folders.filter(Files::isDirectory)
                    .map(each -> each.getFileName().toString())
                    .sorted()
                    .collect(Collectors.joining("\n"));
        } catch (IOException e) {
            throw new SpecificationException(
                    "the folder of the bundled models, %s, cannot be listed: install the runner again"
                            .formatted(models),
                    e);
        }
    }
}
