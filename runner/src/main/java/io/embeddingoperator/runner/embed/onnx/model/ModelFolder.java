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
     * Takes the file that is named, otherwise {@code model.onnx}, {@code onnx/model.onnx} or the only ONNX file of either
     * folder, with the {@code tokenizer.json} beside it or the nearest one above.
     */
    static ModelFiles find(String name, Path folder, Optional<String> file) {
        ReadPermission.check(folder);
        if (!Files.isDirectory(folder)) {
            throw new SpecificationException(
                    "the model folder %s is missing: mount the model there, or correct spec.embedder.onnx.model"
                            .formatted(folder));
        }
        Path model = file.map(named -> named(folder, named)).orElseGet(() -> usual(folder));
        Path tokenizer = Stream.iterate(model.getParent(), Path::getParent)
                .takeWhile(each -> each != null && each.startsWith(folder))
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

    private static Path named(Path folder, String file) {
        Path model = RemotePath.of(file)
                .map(inside -> folder.resolve(inside.path()))
                .orElseThrow(() -> new SpecificationException(
                        "the model file %s leads out of the model folder %s: name a file inside of it"
                                .formatted(file, folder)));
        ReadPermission.check(model);
        if (!Files.isRegularFile(model)) {
            throw new SpecificationException(
                    "the model folder %s holds no file %s: correct the model's field file, or leave it out"
                            .formatted(folder, file));
        }
        return model;
    }

    private static Path usual(Path folder) {
        return Stream.of(folder.resolve("model.onnx"), folder.resolve("onnx/model.onnx"))
                .filter(Files::isRegularFile)
                .findFirst()
                .or(() -> onlyModel(folder))
                .or(() -> onlyModel(folder.resolve("onnx")))
                .orElseThrow(() -> withoutModel(folder));
    }

    private static SpecificationException withoutModel(Path folder) {
        return filesIn(folder).stream()
                .sorted()
                .flatMap(file -> ForeignFile.weights(file).stream()
                        .map(kind ->
                                new SpecificationException("the model folder %s holds no ONNX file, and %s is %s: %s"
                                        .formatted(folder, file.getFileName(), kind, ForeignFile.EXPORT))))
                .findFirst()
                .orElseGet(() -> new SpecificationException(
                        "the model folder %s holds no ONNX file: put model.onnx or onnx/model.onnx there%s"
                                .formatted(folder, isEmpty(folder) ? EMPTY : "")));
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
        List<Path> models = filesIn(folder).stream()
                .filter(each -> each.getFileName().toString().endsWith(".onnx"))
                .toList();
        if (models.size() > 1) {
            throw new SpecificationException(
                    "the model folder %s holds %d ONNX files and none is named model.onnx: keep one, rename it, or name it in the model's field file"
                            .formatted(folder, models.size()));
        }
        return models.stream().findFirst();
    }

    private static List<Path> filesIn(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new SpecificationException(
                    "the model folder %s cannot be listed: let the runner's user read it".formatted(folder), e);
        }
    }
}
