package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.HuggingFaceModel;
import io.embeddingoperator.api.v1alpha1.Model;
import io.embeddingoperator.api.v1alpha1.UrlModel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds a manifest's model on this machine, after downloading it where the manifest says so. */
public final class ModelLocator {
    /** The system property that names the folder of the bundled models; the launcher sets it. */
    public static final String BUNDLED_MODELS_PROPERTY = "embedding.models";

    private static final String URL_FIELD = "spec.embedder.onnx.model.url.";

    private final BundledModels bundled;
    private final ModelCache cache;
    private final ModelHub hub;

    ModelLocator(BundledModels bundled, ModelCache cache, ModelHub hub) {
        this.bundled = bundled;
        this.cache = cache;
        this.hub = hub;
    }

    /**
     * A locator as this process was started.
     *
     * @param environment names the cache folder ({@link EnvironmentVariable#CACHE_FOLDER}, otherwise the XDG cache)
     *     and with {@link EnvironmentVariable#HUB_ENDPOINT} a mirror of the hub; {@link EnvironmentVariable#MODEL_REDIRECT_HOSTS} may lead a
     *     download to other servers
     */
    public static ModelLocator of(Map<String, String> environment) {
        return new ModelLocator(
                new BundledModels(Optional.ofNullable(System.getProperty(BUNDLED_MODELS_PROPERTY))
                        .map(Path::of)),
                new ModelCache(
                        cacheFolder(environment).resolve("models"), DownloadPolicy.PATIENT, Redirects.of(environment)),
                ModelHub.of(environment));
    }

    /** The same model of the hub, at the commit that its branch or tag stands for now. */
    public HuggingFaceModel pinned(HuggingFaceModel model) {
        return model.namesCommit() ? model : HubRevision.pinned(new HubRepository(hub, model), cache);
    }

    /**
     * The model's files.
     *
     * @throws io.embeddingoperator.runner.failure.SpecificationException when there are none, or not those that were
     *     named
     * @throws io.embeddingoperator.runner.failure.UnavailableException when a server or the disk does not let them in
     */
    public ModelFiles locate(Model model) {
        ModelFiles files = found(model);
        ForeignFile.refuseAsTokenizer(files.tokenizer());
        ForeignFile.refuseAsModel(files.model());
        return files;
    }

    private ModelFiles found(Model model) {
        return switch (model) {
            case Model.Bundled(String name) -> bundled.find(name);
            case Model.Folder(String path, Optional<String> file) -> ModelFolder.find(path, Path.of(path), file);
            case Model.Download(UrlModel files) -> download(files);
            case Model.Hub(HuggingFaceModel repository) ->
                new HubFiles(new HubRepository(hub, pinned(repository)), cache).find();
        };
    }

    private ModelFiles download(UrlModel files) {
        UrlFolder tokenizer = UrlFolder.of(
                files.tokenizer(), "tokenizer.json", URL_FIELD + "tokenizer.sha256", FileLimits.TOKENIZER_BYTES);
        UrlFolder model = UrlFolder.of(files.model(), "model.onnx", URL_FIELD + "model.sha256", FileLimits.MODEL_BYTES);
        Path tokenizerFile = cache.get(tokenizer, tokenizer.main());
        return new ModelFiles(
                model.main().toString(),
                cache.get(model, model.main()),
                tokenizerFile,
                new RemotePublishedFiles(cache, tokenizer),
                location -> model.file(location, FileLimits.WEIGHTS_BYTES).flatMap(file -> cache.find(model, file)));
    }

    private static Path cacheFolder(Map<String, String> environment) {
        return value(environment, EnvironmentVariable.CACHE_FOLDER)
                .or(() -> value(environment, "XDG_CACHE_HOME").map(cache -> cache.resolve("embedding-operator")))
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "embedding-operator"));
    }

    private static Optional<Path> value(Map<String, String> environment, String variable) {
        return Optional.ofNullable(environment.get(variable))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }
}
