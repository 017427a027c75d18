package io.embeddingoperator.runner.embed.onnx.model;

import io.embeddingoperator.api.v1alpha1.HuggingFaceModel;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A repository of the hub at one commit. */
record HubRepository(ModelHub hub, HuggingFaceModel model) implements RemoteFolder {
    static final String FIELD = "spec.embedder.onnx.model.huggingFace.";

    private static final String TOKENIZER = "tokenizer.json";

    /** Names of an owner and a repository; models from before there were owners have none. */
    private static final Pattern NAME = Pattern.compile("([\\w-][\\w.-]*/)?[\\w-][\\w.-]*");

    HubRepository {
        if (!NAME.matcher(model.repository()).matches()) {
            throw new SpecificationException("%srepository is %s: name it as owner/name, as on the model's page"
                    .formatted(FIELD, model.repository()));
        }
    }

    RemoteFile onnx() {
        return named(
                model.file(), "file", Optional.ofNullable(model.sha256()), FIELD + "sha256", FileLimits.MODEL_BYTES);
    }

    /** Where the tokenizer may be: the first that is there is meant. */
    List<RemoteFile> tokenizers() {
        List<String> paths = new ArrayList<>();
        if (model.tokenizerFile() != null) {
            paths.add(model.tokenizerFile());
        } else {
            for (Path folder = Path.of(onnx().path()).getParent(); folder != null; folder = folder.getParent()) {
                paths.add(folder.resolve(TOKENIZER).toString());
            }
            paths.add(TOKENIZER);
        }
        return paths.stream()
                .map(path -> named(
                        path,
                        "tokenizerFile",
                        Optional.ofNullable(model.tokenizerSha256()),
                        FIELD + "tokenizerSha256",
                        FileLimits.TOKENIZER_BYTES))
                .toList();
    }

    /** A file with weights, by the name that the ONNX file beside it has for it. */
    Optional<RemoteFile> weights(String location) {
        Path onnx = Path.of(onnx().path());
        return RemotePath.of(location)
                .flatMap(inside -> file(onnx.resolveSibling(inside.path()).toString(), FileLimits.WEIGHTS_BYTES));
    }

    @Override
    public Optional<RemoteFile> file(String path, long maxBytes) {
        return RemotePath.of(path).map(inside -> file(inside, Optional.empty(), FIELD + "file", maxBytes));
    }

    @Override
    public Path place() {
        return Path.of("hub", hub.folder()).resolve(model.repository()).resolve(model.revision());
    }

    private RemoteFile named(String path, String member, Optional<String> sha256, String field, long maxBytes) {
        return RemotePath.of(path)
                .map(inside -> file(inside, sha256, field, maxBytes))
                .orElseThrow(() -> new SpecificationException(
                        "%s%s is %s: name a file inside of the repository".formatted(FIELD, member, path)));
    }

    private RemoteFile file(RemotePath path, Optional<String> sha256, String field, long maxBytes) {
        URI url = RemoteFile.parsed(
                "%s/%s/resolve/%s/%s"
                        .formatted(
                                hub.endpoint(),
                                model.repository(),
                                RemotePath.encoded(model.revision()),
                                path.encoded()),
                field);
        return new RemoteFile(url, path.path(), sha256, field, maxBytes, hub.token());
    }

    /** What the hub knows of the repository at its revision. */
    RemoteFile listing() {
        URI url = RemoteFile.parsed(
                "%s/api/models/%s/revision/%s"
                        .formatted(hub.endpoint(), model.repository(), RemotePath.encoded(model.revision())),
                FIELD + "revision");
        return new RemoteFile(
                url, "revision.json", Optional.empty(), FIELD + "revision", FileLimits.PUBLISHED_BYTES, hub.token());
    }

    /** Of what one may not see the hub also says 404, and why. */
    @Override
    public boolean isAbsent(DownloadResult.Refused answer) {
        return answer.status() == 404
                && answer.code().filter(code -> !code.equals("EntryNotFound")).isEmpty();
    }

    @Override
    public SpecificationException refusal(RemoteFile file, DownloadResult.Refused answer) {
        return new SpecificationException("%s cannot be downloaded: the hub answered with status %d; %s"
                .formatted(file, answer.status(), advice(file, answer)));
    }

    private String advice(RemoteFile file, DownloadResult.Refused answer) {
        return switch (answer.status()) {
            case 401, 403 -> closed();
            case 404 -> missing(file, answer.code().orElse(""));
            default -> "correct spec.embedder.onnx.model.huggingFace, or put the files into a volume";
        };
    }

    private String closed() {
        String page = "%s/%s".formatted(hub.endpoint(), model.repository());
        return hub.token().isPresent()
                ? ("the token that was sent may not read the repository: let its owner accept the model's licence on %s,"
                                + " and check that the token is valid and may read gated repositories")
                        .formatted(page)
                : ("either there is no repository %s, or it is gated or private: accept the model's licence on %s, then"
                                + " name a Secret with an access token in %stoken, or outside of a cluster set HF_TOKEN")
                        .formatted(model.repository(), page, FIELD);
    }

    private String missing(RemoteFile file, String code) {
        return switch (code) {
            case "RepoNotFound" ->
                "there is no repository %s, or it is private: correct %srepository"
                        .formatted(model.repository(), FIELD);
            case "RevisionNotFound" ->
                "the repository %s has no revision %s: correct %srevision"
                        .formatted(model.repository(), model.revision(), FIELD);
            default -> "the repository %s has no %s".formatted(model.repository(), missing(file));
        };
    }

    private String missing(RemoteFile file) {
        return file.equals(listing())
                ? "revision %s that this hub knows: correct %srevision, or give the commit there"
                        .formatted(model.revision(), FIELD)
                : "file %s at revision %s".formatted(file.path(), model.revision());
    }
}
