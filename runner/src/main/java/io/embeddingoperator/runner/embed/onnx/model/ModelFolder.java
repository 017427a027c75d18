package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.ReadPermission;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds a model's files in a folder, in the arrangements that people publish models in. */
final class ModelFolder {
    /** What a container runtime makes of an artefact that is no image. */
    private static final String EMPTY =
            "; it is empty: an image that is mounted there must be a container image with the"
                    + " files in it (FROM scratch, COPY), not an artefact as ORAS pushes it";

    private ModelFolder() {}

    /**
     * Takes {@code model.onnx}, {@code onnx/model.onnx} or the only ONNX file of either folder, with the
     * {@code tokenizer.json} beside it or one folder above.
     */
    static ModelFiles find(String name, Path folder) {
        ReadPermission.check(folder);
        if (!Files.isDirectory(folder)) {
            throw new SpecificationException(
                    "the model folder %s is missing: mount the model there, or correct spec.embedder.onnx.model"
                            .formatted(folder));
        }
        Path model = Stream.of(folder.resolve("model.onnx"), folder.resolve("onnx/model.onnx"))
                .filter(Files::isRegularFile)
                .findFirst()
                .or(() -> onlyModel(folder))
                .or(() -> onlyModel(folder.resolve("onnx")))
                .orElseThrow(() -> new SpecificationException(
                        "the model folder %s holds no ONNX file: put model.onnx or onnx/model.onnx there%s"
                                .formatted(folder, isEmpty(folder) ? EMPTY : "")));
        Path tokenizer = Stream.of(model.getParent(), model.getParent().resolveSibling(""), folder)
                .filter(each -> each.startsWith(folder))
                .map(each -> each.resolve("tokenizer.json"))
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new SpecificationException(
                        "the model %s has no tokenizer.json beside it: copy the one that it was published with"
                                .formatted(model)));
        ReadPermission.check(model);
        ReadPermission.check(tokenizer);
        return new ModelFiles(name, model, tokenizer, new PublishedFolder(folder));
    }

    private static boolean isEmpty(Path folder) {
        String[] names = folder.toFile().list();
        return names != null && names.length == 0;
    }

    private static Optional<Path> onlyModel(Path folder) {
        ReadPermission.check(folder);
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        List<Path> models = modelsIn(folder);
        if (models.size() > 1) {
            throw new SpecificationException(
                    "the model folder %s holds %d ONNX files and none is named model.onnx: keep one, or rename it"
                            .formatted(folder, models.size()));
        }
        return models.stream().findFirst();
    }

    private static List<Path> modelsIn(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(each -> each.getFileName().toString().endsWith(".onnx"))
                    .filter(Files::isRegularFile)
                    .toList();
        } catch (IOException e) {
            throw new SpecificationException(
                    "the model folder %s cannot be listed: let the runner's user read it".formatted(folder), e);
        }
    }
}
