package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.runner.failure.RunnerException;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/** The files of a model in a repository of the hub. */
record HubFiles(HubRepository repository, ModelCache cache) {
    private static final String ONNX = ".onnx";
    private static final int MOST_NAMED = 20;

    ModelFiles find() {
        // The small file first: a wrong address shows before a long download.
        Path tokenizer = repository.tokenizers().stream()
                .flatMap(file -> cache.find(repository, file).stream())
                .findFirst()
                .orElseThrow(() -> missing(repository.tokenizers().getLast(), "tokenizer.json", "tokenizerFile"));
        RemoteFile onnx = repository.onnx();
        Path model = cache.find(repository, onnx).orElseThrow(() -> missing(onnx, ONNX, "file"));
        return new ModelFiles(
                onnx.toString(),
                model,
                tokenizer,
                new RemotePublishedFiles(cache, repository),
                location -> repository.weights(location).flatMap(file -> cache.find(repository, file)));
    }

    private SpecificationException missing(RemoteFile file, String ending, String member) {
        return new SpecificationException("%s cannot be downloaded: the repository %s has no file %s at revision %s; %s"
                .formatted(
                        file,
                        repository.model().repository(),
                        file.path(),
                        repository.model().revision(),
                        advice(ending, HubRepository.FIELD + member)));
    }

    private String advice(String ending, String field) {
        List<String> listed = listed();
        List<String> others =
                listed.stream().filter(each -> each.endsWith(ending)).toList();
        if (!others.isEmpty()) {
            return "it has %s: name it in %s"
                    .formatted(others.stream().limit(MOST_NAMED).collect(Collectors.joining(", ")), field);
        }
        return ending.equals(ONNX) && !listed.isEmpty()
                ? "it has no ONNX file at all: %s, and put that into a volume".formatted(ForeignFile.EXPORT)
                : "name another one in %s, or put the files into a volume".formatted(field);
    }

    /** Not every mirror tells. */
    private List<String> listed() {
        try {
            return HubRevision.ask(repository, cache).files();
        } catch (RunnerException e) {
            return List.of();
        }
    }
}
