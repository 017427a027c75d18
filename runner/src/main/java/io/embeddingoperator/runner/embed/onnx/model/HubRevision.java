package io.embeddingoperator.runner.embed.onnx.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.embeddingoperator.api.v1alpha1.HuggingFaceModel;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.IOException;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * What the hub says of a revision of a repository.
 *
 * @param commit that it stands for now
 * @param files that the repository has at it
 */
record HubRevision(String commit, List<String> files) {
    private static final ObjectMapper JSON = new ObjectMapper();

    HubRevision {
        files = List.copyOf(files);
    }

    /** @throws SpecificationException when the hub knows no such repository or revision */
    static HubRevision ask(HubRepository repository, ModelCache cache) {
        JsonNode answer = json(cache.read(repository, repository.listing()));
        return new HubRevision(
                answer.path("sha").asText(),
                StreamSupport.stream(answer.path("siblings").spliterator(), false)
                        .map(file -> file.path("rfilename").asText())
                        .toList());
    }

    private static JsonNode json(byte[] answer) {
        try {
            return JSON.readTree(answer);
        } catch (IOException e) {
            return MissingNode.getInstance();
        }
    }

    /** The same model at the commit that its revision stands for now. */
    static HuggingFaceModel pinned(HubRepository repository, ModelCache cache) {
        String commit = ask(repository, cache).commit();
        HuggingFaceModel model = repository.model();
        if (commit.isBlank() || !model.at(commit).namesCommit()) {
            throw new SpecificationException(
                    "%s names no commit for revision %s: give the commit itself in %srevision, 40 hexadecimal digits"
                            .formatted(repository.listing(), model.revision(), HubRepository.FIELD));
        }
        return model.at(commit);
    }
}
