//! Loads lessons: those built in, or those of a directory.
//!
//! Owns the order of a course, that ids are unique, and when a lesson is parsed. Must not know the
//! format of a lesson.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
#[cfg(test)]
use std::sync::LazyLock;
use std::sync::OnceLock;

use super::parser::{self, Placed};
use super::{Lesson, LessonError, text_file};
use crate::lang::Lang;

/// A built-in lesson in every language.
#[derive(Debug)]
struct Embedded {
    id: &'static str,
    file: &'static str,
    en: &'static str,
    zh_cn: &'static str,
}

macro_rules! embed {
    ($($number:literal $id:literal)*) => {
        [$(Embedded {
            id: $id,
            file: concat!($number, "-", $id, ".md"),
            en: include_str!(concat!("../../lessons/en/", $number, "-", $id, ".md")),
            zh_cn: include_str!(concat!("../../lessons/zh-CN/", $number, "-", $id, ".md")),
        }),*]
    };
}

static EMBEDDED: &[Embedded] = &embed! {
    "01" "skeleton"
    "02" "identity"
    "03" "uts"
    "04" "ipc"
    "05" "pid"
    "06" "stale-proc"
    "07" "proc"
    "08" "init"
    "09" "mounts"
    "10" "root"
    "11" "net"
    "12" "veth"
    "13" "user"
    "14" "rootless"
    "15" "cgroup"
    "16" "time"
    "17" "join"
    "18" "pod"
    "19" "nested"
    "20" "turtles"
    "21" "capstone"
    "22" "layers"
    "23" "caps"
    "24" "limits"
    "25" "runtime"
    "26" "pod-order"
};

impl Embedded {
    /// The path that errors name, and its text.
    fn file(&self, lang: Lang) -> (String, &'static str) {
        let text = lang.pick([self.en, self.zh_cn]);
        (format!("lessons/{lang}/{}", self.file), text)
    }

    /// None if it doesn't parse, which a test rules out.
    fn read(&self, lang: Lang) -> Option<Lesson> {
        let (file, text) = self.file(lang);
        parser::parse(&file, text).ok()
    }
}

/// A lesson of a course.
#[derive(Debug, Clone)]
enum CourseEntry {
    /// Parsed with all the others.
    Read(Lesson),
    /// Built in, and parsed when it is first needed.
    BuiltIn {
        from: &'static Embedded,
        lang: Lang,
        lesson: OnceLock<Option<Lesson>>,
    },
}

impl CourseEntry {
    fn id(&self) -> &str {
        match self {
            CourseEntry::Read(lesson) => &lesson.id,
            CourseEntry::BuiltIn { from, .. } => from.id,
        }
    }

    fn lesson(&self) -> Option<&Lesson> {
        match self {
            CourseEntry::Read(lesson) => Some(lesson),
            CourseEntry::BuiltIn { from, lang, lesson } => {
                lesson.get_or_init(|| from.read(*lang)).as_ref()
            }
        }
    }
}

impl PartialEq for CourseEntry {
    fn eq(&self, other: &Self) -> bool {
        self.lesson() == other.lesson()
    }
}

/// The lessons of a course in one language, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Library {
    entries: Vec<CourseEntry>,
}

impl Library {
    /// The built-in lessons. Parses none yet.
    pub fn embedded(lang: Lang) -> Library {
        let entries = EMBEDDED.iter().map(|from| CourseEntry::BuiltIn {
            from,
            lang,
            lesson: OnceLock::new(),
        });
        Library {
            entries: entries.collect(),
        }
    }

    /// The built-in lessons, which all tests share: each is parsed once.
    #[cfg(test)]
    pub(crate) fn shared(lang: Lang) -> &'static Library {
        static COURSES: LazyLock<[Library; 2]> = LazyLock::new(|| Lang::ALL.map(Library::embedded));
        lang.pick(COURSES.each_ref())
    }

    /// The lessons of a directory: those in its folder for the language; without that, in the
    /// folder of another language; without any, in the directory itself.
    pub fn from_dir(path: &Path, lang: Lang) -> Result<Library, Vec<LessonError>> {
        let mut errors = Vec::new();
        let places = read_folder(&folder(path, lang), &mut errors);
        if errors.is_empty() {
            Ok(Library::of(places))
        } else {
            Err(errors)
        }
    }

    fn of(places: Vec<FolderFile>) -> Library {
        let lessons = places.into_iter().filter_map(|place| place.lesson);
        lessons.collect()
    }

    fn at(&self, file: &str) -> Option<&Lesson> {
        self.lessons().find(|lesson| lesson.file == file)
    }

    /// One lesson, by its [`Lesson::file`].
    pub fn of_file(name: &str, built_in: bool) -> Result<Library, Vec<LessonError>> {
        let mut carried = EMBEDDED
            .iter()
            .flat_map(|lesson| Lang::ALL.map(|lang| lesson.file(lang)));
        let lesson = if let Some((_, text)) = carried.find(|(it, _)| built_in && it == name) {
            parser::parse(name, text)
        } else {
            let text = text_file::read(Path::new(name)).map_err(|error| vec![error])?;
            parser::parse(name, &text)
        };
        Ok(Library::from_iter([lesson?]))
    }

    /// How many lessons there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are no lessons.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The lessons in order. Parses those that weren't yet.
    pub fn lessons(&self) -> impl Iterator<Item = &Lesson> {
        self.entries.iter().filter_map(CourseEntry::lesson)
    }

    /// The ids of the lessons.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(CourseEntry::id)
    }

    /// The ids of the lessons that have been parsed.
    #[cfg(test)]
    pub(crate) fn read(&self) -> Vec<&str> {
        let read = self.entries.iter().filter(|entry| match entry {
            CourseEntry::Read(_) => true,
            CourseEntry::BuiltIn { lesson, .. } => lesson.get().is_some(),
        });
        read.map(CourseEntry::id).collect()
    }

    /// The lesson with this id.
    pub fn find(&self, id: &str) -> Option<&Lesson> {
        let entry = self.entries.iter().find(|entry| entry.id() == id);
        entry.and_then(CourseEntry::lesson)
    }
}

impl FromIterator<Lesson> for Library {
    fn from_iter<I: IntoIterator<Item = Lesson>>(lessons: I) -> Self {
        Library {
            entries: lessons.into_iter().map(CourseEntry::Read).collect(),
        }
    }
}

/// The lessons of a directory in each language, as far as they can be used, and the mistakes in the
/// others. Where a file can't be used, its `last` version stays; without one, the lesson is that of the
/// other language.
pub(crate) fn usable(path: &Path, last: Option<[&Library; 2]>) -> ([Library; 2], Vec<LessonError>) {
    let mut errors = Vec::new();
    let mut read = Lang::ALL.map(|lang| {
        let mut more = Vec::new();
        let places = read_folder(&folder(path, lang), &mut more);
        let known = |error: &LessonError| {
            let mut all = errors.iter().map(LessonError::to_string);
            all.any(|it| it == error.to_string())
        };
        // A folder may serve both languages.
        let new: Vec<_> = more.into_iter().filter(|error| !known(error)).collect();
        errors.extend(new);
        places
    });
    if let Some(last) = last {
        for (places, library) in read.iter_mut().zip(last) {
            for place in places.iter_mut() {
                let lesson = place.lesson.take();
                place.lesson = lesson.or_else(|| library.at(&place.path).cloned());
            }
        }
    }
    let mut others = read.clone();
    others.reverse();
    for (places, others) in read.iter_mut().zip(&others) {
        for place in places {
            let other = others.iter().find(|other| other.name == place.name);
            let other = other.and_then(|other| other.lesson.clone());
            place.lesson = place.lesson.take().or(other);
        }
    }
    let all_gone = read.iter().all(Vec::is_empty);
    let mut libraries = read.map(|places| Library::of(unique(places)));
    // A directory that is being replaced.
    if let Some(last) = last.filter(|_| all_gone) {
        libraries = last.map(Library::clone);
    }
    (libraries, errors)
}

/// Without lessons whose id is taken.
fn unique(places: Vec<FolderFile>) -> Vec<FolderFile> {
    let mut taken = HashSet::new();
    let id = |place: &FolderFile| Some(place.lesson.as_ref()?.id.clone());
    let places = places.into_iter();
    places
        .filter(|place| id(place).is_none_or(|id| taken.insert(id)))
        .collect()
}

fn folder(path: &Path, lang: Lang) -> PathBuf {
    std::iter::once(lang)
        .chain(Lang::ALL)
        .map(|lang| path.join(lang.name()))
        .find(|folder| folder.is_dir())
        .unwrap_or_else(|| path.to_owned())
}

/// A file of a folder, with its lesson if that can be used.
#[derive(Debug, Clone)]
struct FolderFile {
    name: String,
    path: String,
    lesson: Option<Lesson>,
}

/// The files of a folder. Ids are unique in it.
fn read_folder(folder: &Path, errors: &mut Vec<LessonError>) -> Vec<FolderFile> {
    let mut ids: HashMap<String, String> = HashMap::new();
    let mut places = Vec::new();
    for path in files_of(folder, errors) {
        let file = LessonFile::read(None, &path, errors);
        let mut lesson = None;
        if let Some(found) = file.placed {
            if let Some(first) = ids.get(&found.lesson.id) {
                errors.push(found.taken(&file.path, first));
            } else {
                ids.insert(found.lesson.id.clone(), file.path.clone());
                lesson = Some(found.lesson);
            }
        }
        places.push(FolderFile {
            name: file.name,
            path: file.path,
            lesson,
        });
    }
    places
}

/// A file, with its lesson if it could be parsed.
#[derive(Debug)]
pub(super) struct LessonFile {
    /// The language of its folder; None without language folders.
    pub lang: Option<Lang>,
    pub name: String,
    /// The path that errors name.
    pub path: String,
    /// None if it can't be read.
    pub text: Option<String>,
    pub placed: Option<Placed>,
}

impl LessonFile {
    fn read(lang: Option<Lang>, path: &Path, errors: &mut Vec<LessonError>) -> Self {
        let (name, file) = (file_name(path), path.display().to_string());
        let text = text_file::read(path)
            .map_err(|error| errors.push(error))
            .ok();
        let placed = text.as_ref().map(|text| parser::placed(&file, text));
        LessonFile {
            lang,
            name,
            path: file,
            text,
            placed: placed.and_then(|it| it.map_err(|more| errors.extend(more)).ok()),
        }
    }
}

/// All lesson files of a directory, in every language.
pub(super) fn find_all(path: &Path, errors: &mut Vec<LessonError>) -> Vec<LessonFile> {
    let mut folders: Vec<(Option<Lang>, PathBuf)> = Lang::ALL
        .into_iter()
        .map(|lang| (Some(lang), path.join(lang.name())))
        .filter(|(_, folder)| folder.is_dir())
        .collect();
    if folders.is_empty() {
        folders.push((None, path.to_owned()));
    }
    let mut found = Vec::new();
    for (lang, folder) in folders {
        for path in files_of(&folder, errors) {
            found.push(LessonFile::read(lang, &path, errors));
        }
    }
    found
}

/// The lesson files of a folder; it is an error if there are none.
fn files_of(folder: &Path, errors: &mut Vec<LessonError>) -> Vec<PathBuf> {
    let path = folder.to_owned();
    match lesson_files(folder) {
        Ok(files) => {
            if files.is_empty() {
                errors.push(LessonError::Empty { path });
            }
            files
        }
        Err(source) => {
            errors.push(LessonError::Unreadable { path, source });
            Vec::new()
        }
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The Markdown files of a folder, by their names, except README. Sorted by the number at the start of the name; those
/// without a number come last.
pub(super) fn lesson_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = file_name(&path);
        let is_markdown = path.extension().is_some_and(|extension| extension == "md");
        if is_markdown && name != "README.md" {
            files.push((order(&name), path));
        }
    }
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

fn order(name: &str) -> (u64, String) {
    let digits: String = name.chars().take_while(char::is_ascii_digit).collect();
    (digits.parse().unwrap_or(u64::MAX), name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(id: &str) -> String {
        format!("+++\nid = \"{id}\"\ntitle = \"T\"\nflags = []\n+++\n## S\ntext\n")
    }

    fn ids(library: &Library) -> Vec<&str> {
        library.ids().collect()
    }

    fn sentences(errors: &[LessonError], root: &Path) -> String {
        let text: Vec<String> = errors.iter().map(ToString::to_string).collect();
        text.join("\n").replace(&root.display().to_string(), "DIR")
    }

    #[test]
    fn a_directory_is_read_in_the_order_of_its_numbers() {
        let dir = tempfile::tempdir().unwrap();
        for (file, id) in [
            ("10-c.md", "c"),
            ("2-b.md", "b"),
            ("01-a.md", "a"),
            ("z.md", "z"),
        ] {
            fs::write(dir.path().join(file), lesson(id)).unwrap();
        }
        fs::write(dir.path().join("README.md"), "# not a lesson").unwrap();
        fs::write(dir.path().join("notes.txt"), "not a lesson").unwrap();
        let library = Library::from_dir(dir.path(), Lang::ZhCn).unwrap();
        assert_eq!(ids(&library), ["a", "b", "c", "z"]);
        assert_eq!(library.find("c").map(|l| l.title.as_str()), Some("T"));
        assert_eq!(library.find("d"), None);
    }

    #[test]
    fn folders_of_languages_come_first() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("1.md"), lesson("outside")).unwrap();
        fs::create_dir(dir.path().join("zh-CN")).unwrap();
        fs::write(dir.path().join("zh-CN/1.md"), lesson("zh")).unwrap();
        let only_zh = Library::from_dir(dir.path(), Lang::En).unwrap();
        assert_eq!(ids(&only_zh), ["zh"]);
        fs::create_dir(dir.path().join("en")).unwrap();
        fs::write(dir.path().join("en/1.md"), lesson("en")).unwrap();
        for lang in Lang::ALL {
            let library = Library::from_dir(dir.path(), lang).unwrap();
            assert_eq!(ids(&library), [&lang.name()[..2]]);
        }
    }

    #[test]
    fn what_is_wrong_with_a_directory() {
        let dir = tempfile::tempdir().unwrap();
        let empty = Library::from_dir(dir.path(), Lang::En).unwrap_err();
        let missing = Library::from_dir(&dir.path().join("nowhere"), Lang::En).unwrap_err();
        fs::write(dir.path().join("1.md"), lesson("a")).unwrap();
        fs::write(dir.path().join("2.md"), lesson("a")).unwrap();
        fs::write(dir.path().join("3.md"), "## S\n").unwrap();
        fs::write(dir.path().join("4.md"), b"\xff\xfe").unwrap();
        let files = Library::from_dir(dir.path(), Lang::En).unwrap_err();
        let seen = [empty, missing, files]
            .map(|errors| sentences(&errors, dir.path()))
            .join("\n\n");
        insta::assert_snapshot!(seen);
    }

    #[test]
    fn every_lesson_file_is_embedded() {
        for lang in Lang::ALL {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("lessons")
                .join(lang.name());
            let found: Vec<String> = lesson_files(&folder)
                .unwrap()
                .iter()
                .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
                .collect();
            let embedded: Vec<&str> = EMBEDDED.iter().map(|lesson| lesson.file).collect();
            assert_eq!(found, embedded, "{lang}");
        }
    }

    #[test]
    fn an_embedded_lesson_is_read_when_it_is_asked_for() {
        let library = Library::embedded(Lang::ZhCn);
        let second = &EMBEDDED[1];
        assert_eq!(library.ids().nth(1), Some(second.id));
        assert_eq!(library.read(), Vec::<&str>::new());
        let file = library.find(second.id).map(|lesson| lesson.file.as_str());
        assert_eq!(
            file,
            Some(format!("lessons/zh-CN/{}", second.file).as_str())
        );
        assert_eq!(library.read(), [second.id]);
        assert_eq!(library.lessons().count(), library.len());
        assert_eq!(library.read(), ids(&library));
    }

    #[test]
    fn an_embedded_lesson_that_can_not_be_used_is_not_there() {
        static WRONG: Embedded = Embedded {
            id: "wrong",
            file: "01-wrong.md",
            en: "+++",
            zh_cn: "",
        };
        let library = Library {
            entries: vec![CourseEntry::BuiltIn {
                from: &WRONG,
                lang: Lang::En,
                lesson: OnceLock::new(),
            }],
        };
        assert_eq!(ids(&library), ["wrong"]);
        assert_eq!(library.find("wrong"), None);
        assert_eq!(library.lessons().count(), 0);
    }

    #[test]
    fn every_embedded_lesson_can_be_used() {
        for embedded in EMBEDDED {
            for lang in Lang::ALL {
                let (file, text) = embedded.file(lang);
                match Library::shared(lang).find(embedded.id) {
                    Some(lesson) => assert_eq!(lesson.id, embedded.id, "{file}"),
                    None => panic!("{:#?}", parser::parse(&file, text)),
                }
            }
        }
    }
}
