package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.v1alpha1.HuggingFaceModel;
import io.embeddingoperator.api.v1alpha1.Model;
import io.embeddingoperator.api.v1alpha1.ModelSource;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.embed.Embedder;
import io.embeddingoperator.runner.embed.onnx.OnnxEmbedders;
import io.embeddingoperator.runner.embed.onnx.model.FileHash;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import io.embeddingoperator.runner.embed.onnx.model.ModelLocator;
import io.embeddingoperator.runner.embed.onnx.model.PublishedFiles;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.manifest.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The model of a job on this machine, after it was opened.
 *
 * @param source as the manifest gives it, with everything filled in that the manifest leaves open
 * @param files that the runner reads of it
 * @param description one line for a person
 */
public record JobModel(ModelSource source, List<ModelFile> files, int dimensions, String description) {
    public JobModel {
        files = List.copyOf(files);
    }

    /** @param path where it lies */
    public record ModelFile(Path path, long bytes, String sha256) {}

    /**
     * Brings the model's files to this machine and tries the model out.
     *
     * @throws SpecificationException when the job has no model that could lie here, or one that does not work
     */
    public static JobModel of(Manifest manifest, RunnerEnvironment environment) {
        return switch (manifest.spec().embedder().selected()) {
            case OnnxEmbedder onnx -> {
                try (WaitingLog _ = WaitingLog.begin("no model yet")) {
                    yield opened(
                            onnx,
                            OnnxBackend.chunkTokens(manifest.spec().chunking()),
                            environment,
                            ModelCommit.of(manifest.spec().embedder(), environment, Optional::empty));
                }
            }
            case OpenAiEmbedder _ ->
                throw new SpecificationException(
                        "spec.embedder is openai, whose model stays with its provider: use this command with spec.embedder.onnx");
        };
    }

    private static JobModel opened(
            OnnxEmbedder onnx, OptionalInt chunkTokens, RunnerEnvironment environment, ModelCommit commit) {
        Model model = commit.fix(onnx.model().selected());
        ModelFiles located = ModelLocator.of(environment.variables()).locate(model);
        Set<Path> read = Collections.synchronizedSet(new LinkedHashSet<>());
        read.add(located.model());
        read.add(located.tokenizer());
        ModelFiles files = new ModelFiles(
                located.name(),
                located.model(),
                located.tokenizer(),
                noting(located.published(), read),
                noting(located.weights(), read));
        try (Embedder embedder = OnnxEmbedders.open(onnx, files, chunkTokens)) {
            return new JobModel(
                    filled(onnx.model(), model, files), described(read), embedder.dimensions(), embedder.description());
        } catch (IOException e) {
            throw new UnavailableException("the files of the model cannot be read: " + e.getMessage(), e);
        }
    }

    private static PublishedFiles noting(PublishedFiles files, Set<Path> read) {
        return path -> {
            Optional<Path> found = files.find(path);
            found.ifPresent(read::add);
            return found;
        };
    }

    private static ModelSource filled(ModelSource source, Model model, ModelFiles files) throws IOException {
        if (!(model instanceof Model.Hub(HuggingFaceModel hub))) {
            return source;
        }
        Path repository = files.model();
        for (Path _ : Path.of(hub.file()).normalize()) {
            repository = repository.resolveSibling("");
        }
        HuggingFaceModel filled = new HuggingFaceModel(
                hub.repository(),
                hub.revision(),
                hub.file(),
                repository.relativize(files.tokenizer()).toString(),
                FileHash.sha256(files.model()),
                FileHash.sha256(files.tokenizer()),
                hub.token());
        return new ModelSource(null, null, null, filled, null);
    }

    private static List<ModelFile> described(Collection<Path> files) throws IOException {
        List<ModelFile> described = new ArrayList<>();
        for (Path file : files) {
            described.add(new ModelFile(file, Files.size(file), FileHash.sha256(file)));
        }
        return described;
    }
}
