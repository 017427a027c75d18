package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.v1alpha1.EmbedderSpec;
import io.embeddingoperator.api.v1alpha1.HuggingFaceModel;
import io.embeddingoperator.api.v1alpha1.Model;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.runner.embed.onnx.model.ModelLocator;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commit of a model whose manifest names a branch or tag of the hub. A branch may move while a run goes on; all processes of the
 * run keep to the commit that it began with.
 *
 * @param commit empty where the manifest leaves nothing open
 */
record ModelCommit(Optional<String> commit) {
    private static final Logger LOG = LoggerFactory.getLogger(ModelCommit.class);
    private static final ModelCommit NONE = new ModelCommit(Optional.empty());

    /**
     * Asks the hub where nothing is recorded.
     *
     * @param recorded asked only where the manifest leaves the commit open
     */
    static ModelCommit of(EmbedderSpec spec, RunnerEnvironment environment, Supplier<Optional<String>> recorded) {
        return switch (spec.selected()) {
            case OnnxEmbedder onnx
            when onnx.model().selected() instanceof Model.Hub(HuggingFaceModel model) ->
                of(model, environment, recorded);
            case OnnxEmbedder _, OpenAiEmbedder _ -> NONE;
        };
    }

    private static ModelCommit of(
            HuggingFaceModel model, RunnerEnvironment environment, Supplier<Optional<String>> recorded) {
        if (model.namesCommit()) {
            return NONE;
        }
        String commit = recorded.get()
                .orElseGet(() ->
                        ModelLocator.of(environment.variables()).pinned(model).revision());
        LOG.info("{} of {} is commit {}", model.revision(), model.repository(), commit);
        return new ModelCommit(Optional.of(commit));
    }

    /** The model, at this commit where it is one of the hub that leaves it open. */
    Model fix(Model model) {
        return switch (model) {
            case Model.Hub(HuggingFaceModel moving) when commit.isPresent() -> new Model.Hub(moving.at(commit.get()));
            case Model.Hub _, Model.Bundled _, Model.Folder _, Model.Download _ -> model;
        };
    }
}
