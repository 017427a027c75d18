package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.failure.ReadPermission;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** One look through a folder for the files that a glob matches. Links are followed, hidden files are not read. */
final class VolumeListing extends SimpleFileVisitor<Path> {
    private static final Pattern GLOB_CHARACTER = Pattern.compile("[*?\\[{\\\\]");
    private static final Pattern ANY_FOLDERS = Pattern.compile("(?<![^/])\\*\\*/");
    private static final Pattern HIDDEN_NAME = Pattern.compile("(^|/)\\.[^./]");

    /** A folder that file systems make for themselves, at the top of a volume, closed to everyone but root. */
    private static final String LOST_AND_FOUND = "lost+found";

    private final Path root;
    private final String glob;
    private final VolumeBoundary boundary;
    private final Path base;
    private final boolean hidden;
    private final PathMatcher matcher;
    private final List<StoredFile> files = new ArrayList<>();

    VolumeListing(Path root, String glob, VolumeBoundary boundary) {
        this.root = root;
        this.boundary = boundary;
        this.glob = glob.replaceFirst("^(\\./+)+", "");
        // A folder that the glob names is looked through under any name; that says nothing of the files in it.
        this.hidden = HIDDEN_NAME
                .matcher(this.glob.substring(fixedFolders(this.glob).length()))
                .find();
        this.base = base(root, this.glob);
        try {
            Path _ = root.resolve(this.glob);
            this.matcher = FileSystems.getDefault().getPathMatcher("glob:" + anyFolders());
        } catch (PatternSyntaxException e) {
            throw noGlob(glob, "%s at character %d".formatted(e.getDescription(), e.getIndex()), e);
        } catch (InvalidPathException e) {
            throw noGlob(glob, e.getReason(), e);
        }
    }

    /** The folder before the first pattern: what is outside of it is not looked through. */
    static Path base(Path root, String glob) {
        try {
            return root.resolve(fixedFolders(glob)).normalize();
        } catch (InvalidPathException e) {
            throw noGlob(glob, e.getReason(), e);
        }
    }

    List<StoredFile> files() {
        ReadPermission.check(base);
        try {
            if (Files.exists(base)) {
                boundary.check(base);
            }
            Files.walkFileTree(base, EnumSet.of(FileVisitOption.FOLLOW_LINKS), depth(), this);
        } catch (AccessDeniedException e) {
            throw new SpecificationException(
                    "%s, or name other files in spec.source.volume.path (%s)"
                            .formatted(ReadPermission.sentence(Path.of(e.getFile())), glob),
                    e);
        } catch (IOException e) {
            throw new UnavailableException("%s cannot be listed for now: %s".formatted(base, e.getMessage()), e);
        }
        if (files.isEmpty()) {
            throw new SpecificationException(nothing());
        }
        files.sort(Comparator.comparing(StoredFile::path));
        return files;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
        if (!folder.equals(base) && isPassedOver(folder)) {
            return FileVisitResult.SKIP_SUBTREE;
        }
        if (Files.isSymbolicLink(folder)) {
            boundary.check(folder);
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        if (attributes.isRegularFile() && !isPassedOver(file)) {
            Path named = named(file);
            if (matcher.matches(named)) {
                add(file, named.toString(), attributes);
            }
        }
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
        boolean passedOver = !file.equals(base) && isPassedOver(file);
        if (passedOver || e instanceof FileSystemLoopException || isDangling(file) || !Files.exists(base)) {
            return FileVisitResult.CONTINUE;
        }
        throw e;
    }

    private void add(Path file, String name, BasicFileAttributes attributes) throws IOException {
        if (Files.isSymbolicLink(file)) {
            boundary.check(file);
        }
        if (!Files.isReadable(file)) {
            throw new AccessDeniedException(file.toString());
        }
        if (!isText(named(file))) {
            throw new SpecificationException(("the name of the file %s is not text in the locale of this process:"
                            + " rename it, or set LC_ALL=C.UTF-8")
                    .formatted(name));
        }
        files.add(VolumeStore.stored(name, attributes));
    }

    private String nothing() {
        if (!Files.isDirectory(base)) {
            return "spec.source.volume.path is %s, and there is no folder %s: name files that exist"
                    .formatted(glob, base);
        }
        boolean isFolder = !GLOB_CHARACTER.matcher(glob).find() && Files.isDirectory(root.resolve(glob));
        return isFolder
                ? "spec.source.volume.path is %s, which is a folder: name the files in it, for example %s/*"
                        .formatted(glob, glob.replaceFirst("/+$", ""))
                : "spec.source.volume.path is %s, and no file in %s matches it: name files that exist"
                        .formatted(glob, base);
    }

    private static SpecificationException noGlob(String glob, String reason, Exception cause) {
        return new SpecificationException(
                "spec.source.volume.path is %s, which is no glob: %s".formatted(glob, reason), cause);
    }

    private Path named(Path file) {
        return Path.of(glob).isAbsolute() ? file : root.relativize(file);
    }

    private boolean isPassedOver(Path path) {
        String name = path.getFileName().toString();
        return name.equals(LOST_AND_FOUND) || (!hidden && name.startsWith("."));
    }

    /** Whether the path can be found again by its text, which is all that a plan keeps of it. */
    private static boolean isText(Path path) {
        try {
            return Path.of(path.toString()).equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private static boolean isDangling(Path file) {
        return Files.isSymbolicLink(file) && !Files.exists(file);
    }

    /** The folders before the first one that is a pattern. */
    private static String fixedFolders(String glob) {
        Matcher first = GLOB_CHARACTER.matcher(glob);
        String fixed = first.find() ? glob.substring(0, first.start()) : glob;
        return fixed.substring(0, fixed.lastIndexOf('/') + 1);
    }

    /** In a manifest {@code a/**}{@code /b} also means {@code a/b}, as in a shell; Java's globs want a folder there. */
    private String anyFolders() {
        return glob.contains("{") ? glob : ANY_FOLDERS.matcher(glob).replaceAll("{,**/}");
    }

    private int depth() {
        if (glob.contains("**")) {
            return Integer.MAX_VALUE;
        }
        return (int) glob.substring(fixedFolders(glob).length())
                        .chars()
                        .filter(c -> c == '/')
                        .count()
                + 1;
    }
}
